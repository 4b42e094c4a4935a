// Saving a figure as SVG or PNG, with its source and mark under it.
(() => {
  const inner = (svg) => svg.viewBox.baseVal;

  function standalone(frame) {
    const drawn = frame.closest("figure").querySelector("svg");
    const copy = drawn.cloneNode(true);
    const box = inner(drawn);
    const foot = 18;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height + foot}`);
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height + foot);
    copy.setAttribute("font-family", "Arial, Helvetica, sans-serif");
    const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x: box.x, y: box.y, width: "100%",
      height: "100%", fill: "#ffffff" })) ground.setAttribute(name, value);
    const source = document.createElementNS("http://www.w3.org/2000/svg", "text");
    source.setAttribute("x", box.x + 4);
    source.setAttribute("y", box.y + box.height + 12);
    source.setAttribute("font-size", "8");
    source.setAttribute("fill", "#54606d");
    source.textContent = frame.dataset.source;
    copy.prepend(ground);
    copy.append(source);
    return new XMLSerializer().serializeToString(copy);
  }

  function keep(address, name) {
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
  }

  function save(button) {
    const frame = button.closest("[data-name]");
    const text = standalone(frame);
    const svg = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    if (button.dataset.save === "svg") { keep(svg, `${frame.dataset.name}.svg`); return; }
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = 2 * image.width;
      canvas.height = 2 * image.height;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      keep(canvas.toDataURL("image/png"), `${frame.dataset.name}.png`);
    };
    image.src = svg;
  }

  for (const button of document.querySelectorAll("button[data-save]")) {
    button.addEventListener("click", () => save(button));
  }
})();
