// A table or drawing wider than its frame says that it goes on to the side.
(() => {
  const mark = () => {
    for (const frame of document.querySelectorAll(".scroll")) {
      const isScrolled = getComputedStyle(frame).overflowX === "auto";
      frame.classList.toggle("wider", isScrolled && frame.scrollWidth > frame.clientWidth + 1);
    }
  };
  addEventListener("load", mark);
  addEventListener("resize", mark);
  document.addEventListener("toggle", mark, true);
})();
