// Two hands, palms away, with ten fingertips to choose from.
import { FINGERS } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
// Of the right hand seen from its back: [position, base x, base y, tip x, tip y, half width]; the thumb lies inward.
const RIGHT = [[1, 62, 150, 22, 104, 14], [2, 84, 100, 74, 36, 12], [3, 110, 94, 109, 20, 12.5], [4, 136, 98, 144, 32, 12], [5, 160, 110, 178, 60, 10.5]];
const PALM = "M70 98 Q112 82 170 106 Q176 150 160 200 L96 204 Q62 178 54 146 Z";

function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

function fingerPath([, bx, by, tx, ty, w]) {
  const length = Math.hypot(tx - bx, ty - by), nx = -(ty - by) / length * w, ny = (tx - bx) / length * w;
  return `M${bx + nx} ${by + ny} L${tx + nx} ${ty + ny} A${w} ${w} 0 0 1 ${tx - nx} ${ty - ny} L${bx - nx} ${by - ny} Z`;
}

export function drawHands(parent, onChoose) {
  const svg = element("svg", { viewBox: "0 0 460 206", role: "group", "aria-label": "Fingers" }, parent);
  const tips = {};
  for (const side of ["left", "right"]) {
    const hand = element("g", { transform: side === "right" ? "translate(240 0)" : "translate(220 0) scale(-1 1)" }, svg);
    for (const shape of RIGHT) {
      const position = side === "right" ? shape[0] : shape[0] + 5;
      const tip = element("g", { class: "tip", tabindex: 0, role: "button", "aria-label": FINGERS[position] }, hand);
      element("path", { d: fingerPath(shape) }, tip);
      const angle = Math.atan2(shape[4] - shape[2], shape[3] - shape[1]) * 180 / Math.PI + 90;
      element("ellipse", { cx: shape[3], cy: shape[4], rx: shape[5] * .68, ry: shape[5] * .92, transform: `rotate(${angle} ${shape[3]} ${shape[4]})` }, tip);
      element("title", {}, tip).textContent = FINGERS[position];
      tip.addEventListener("click", () => onChoose(position));
      tip.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") onChoose(position); });
      tips[position] = tip;
    }
    element("path", { d: PALM, class: "palm" }, hand);
  }
  return (chosen, available) => {
    for (const [position, tip] of Object.entries(tips)) {
      tip.classList.toggle("chosen", Number(position) === chosen);
      tip.classList.toggle("missing", !available.includes(Number(position)));
    }
  };
}
