"use strict";
// Danish letters may be typed as they are, as ae, oe, aa, or without their signs.
const foldings = [
  { æ: "ae", ø: "oe", å: "aa" },
  { æ: "ae", ø: "o", å: "a" },
  { æ: "a", ø: "o", å: "a" },
];
function folded(text) {
  const plain = text.toLocaleLowerCase("da");
  return foldings.map((letters) =>
    Array.from(plain.normalize("NFC"), (sign) => letters[sign] || sign)
      .join("").normalize("NFD").replace(/[\u0300-\u036f]/g, ""));
}
function matches(text, sought) {
  const wanted = folded(sought.trim());
  return folded(text).some((form, at) => form.includes(wanted[at]));
}
// Several are sought with commas between.
function partsOf(sought) {
  return sought.split(",").map((part) => part.trim()).filter(Boolean);
}
