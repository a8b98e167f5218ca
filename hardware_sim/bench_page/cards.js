// The two readers and the box of cards.
import { CARD_FAULTS, KINDS } from "./words.js";

let shown = "";

function cardTile(card, actions) {
  const tile = document.createElement("div");
  tile.className = `card ${card.kind}`;
  const kind = Object.assign(document.createElement("div"), { className: "kind" });
  kind.append(Object.assign(document.createElement("span"), { textContent: KINDS[card.kind] ?? card.kind }));
  const title = document.createElement("div");
  title.append(Object.assign(document.createElement("b"), { textContent: card.number ?? `Chip ${card.serial.slice(0, 8)}` }));
  if (card.can) title.append(Object.assign(document.createElement("small"), { textContent: `CAN ${card.can}` }));
  const row = Object.assign(document.createElement("div"), { className: "do" });
  row.append(...actions);
  tile.append(kind, title, row);
  return tile;
}

function faultMenu(reader, post) {
  const select = document.createElement("select");
  select.setAttribute("aria-label", "How this card fails");
  select.add(new Option("Let it fail…", ""));
  for (const [kind, label] of Object.entries(CARD_FAULTS)) select.add(new Option(label, kind));
  select.addEventListener("change", async () => {
    if (select.value) await post(`readers/${reader}/fault`, { kind: select.value });
    select.value = "";
  });
  return select;
}

export function drawCards(state, post, button) {
  const key = JSON.stringify([state.readers, state.cards]);
  if (key === shown) return;
  shown = key;
  for (const slot of document.querySelectorAll(".slot")) {
    const reader = Number(slot.dataset.reader), card = state.readers[reader], gap = slot.querySelector(".gap");
    if (card) gap.replaceChildren(cardTile(card, [button("Take out", () => post(`readers/${reader}/remove`)), faultMenu(reader, post)]));
    else gap.textContent = "No card in this reader";
  }
  const inReaders = state.readers.filter(Boolean).map((card) => card.serial);
  const resting = state.cards.filter((card) => !inReaders.includes(card.serial)).reverse();
  const box = document.querySelector("#box");
  box.replaceChildren(...resting.map((card) => cardTile(card, [
    button("Holder’s", () => post("readers/0/insert", { card: card.serial })),
    button("Officer’s", () => post("readers/1/insert", { card: card.serial })),
    ...(card.kind === "household" ? [button("Copy", () => post("cards/copy", { number: card.number }))] : []),
  ])));
  if (!resting.length) box.textContent = "The box is empty.";
}
