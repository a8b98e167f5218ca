// Shows the desk's state twice a second and turns buttons into requests to the control API.
import { drawCards } from "./cards.js";
import { drawHands } from "./hands.js";
import { CONDITIONS, DEVICES, FAULTS, FINGERS, PARTS } from "./words.js";

const POLL_MS = 600;
const find = (selector) => document.querySelector(selector);
const chosen = { person: "mother", position: 1, condition: "good" };
let people = [], state = null, shownFinger = null, showHands = () => {};

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) toast((await answer.json().catch(() => ({}))).detail || `It did not work (${answer.status})`);
  await refresh();
  return answer.ok;
}

function toast(text) {
  const box = find("#toast");
  box.textContent = typeof text === "string" ? text : "That is not possible";
  box.classList.add("shown");
  setTimeout(() => box.classList.remove("shown"), 4000);
}

function button(label, action, classes = "") {
  const made = document.createElement("button");
  made.textContent = label;
  made.className = classes;
  made.addEventListener("click", action);
  return made;
}

const nameOf = (part) => people.find((person) => person.part === part)?.names.Latn ?? part;
const currentPerson = () => people.find((person) => person.part === chosen.person);

// --- people and fingers
function drawPeople() {
  for (const person of people) {
    const card = button("", () => choosePerson(person.part), "person");
    card.dataset.part = person.part;
    const picture = Object.assign(document.createElement("img"), { src: `people/${person.part}.jpg`, alt: "" });
    const name = Object.assign(document.createElement("b"), { textContent: person.names.Latn });
    const script = person.part === "grandfather" ? "Arab" : "Deva";
    const other = Object.assign(document.createElement("span"), { textContent: person.names[script], lang: script === "Arab" ? "ur" : "hi" });
    const about = Object.assign(document.createElement("span"), { textContent: `${PARTS[person.part]}, ${person.age_years}` });
    card.append(picture, name, other, about);
    find("#people").append(card);
  }
}

function choosePerson(part) {
  chosen.person = part;
  const usual = currentPerson().usual_fingers;
  if (!currentPerson().fingers.includes(chosen.position)) chosen.position = usual[0] ?? currentPerson().fingers[0] ?? 1;
  showChoice();
}

function showChoice() {
  for (const card of document.querySelectorAll(".person")) card.setAttribute("aria-pressed", card.dataset.part === chosen.person);
  for (const choice of document.querySelectorAll("#conditions button")) choice.setAttribute("aria-checked", choice.value === chosen.condition);
  showHands(chosen.position, currentPerson().fingers);
  const whose = chosen.condition === "wrong" ? "somebody else’s finger instead of" : "";
  find("#finger-note").textContent = `Next: ${whose} ${nameOf(chosen.person)}, ${FINGERS[chosen.position]}`;
}

const place = (extra) => post("finger/place", { ...chosen, ...extra });

function wireFinger() {
  showHands = drawHands(find("#hands"), (position) => { chosen.position = position; showChoice(); });
  for (const [value, label] of Object.entries(CONDITIONS)) {
    const choice = button(label, () => { chosen.condition = value; showChoice(); });
    choice.value = value;
    choice.setAttribute("role", "radio");
    find("#conditions").append(choice);
  }
  find("#place").addEventListener("click", () => place({}));
  find("#touch").addEventListener("click", () => place({ lift_after_s: 1 }));
  find("#lift").addEventListener("click", () => post("finger/lift"));
  find("#show").addEventListener("click", () => post("camera/show", { person: chosen.person }));
  find("#leave").addEventListener("click", () => post("camera/show", { person: null }));
}

function showFinger() {
  const key = JSON.stringify(state.finger);
  if (key === shownFinger) return;
  shownFinger = key;
  const picture = find("#finger-picture");
  picture.hidden = !state.finger;
  picture.parentElement.classList.toggle("lit", Boolean(state.finger));
  if (state.finger) picture.src = `finger.png?${Date.now()}`;
}

function showCamera() {
  const isOn = state.devices.camera.is_plugged;
  find(".lens").classList.toggle("off", !isOn);
  if (isOn) find("#camera-picture").src = `camera.jpg?${Date.now()}`;
  find("#camera-note").textContent = state.seated ? nameOf(state.seated) : "The chair is empty";
}

// --- devices
function drawSwitches() {
  for (const panel of document.querySelectorAll("[data-device]")) {
    const device = panel.dataset.device, host = panel.querySelector(".switches");
    const faults = state.devices[device].faults.filter((fault) => fault !== "down");
    if (faults.length) {
      const select = document.createElement("select");
      select.setAttribute("aria-label", `What is wrong with the ${DEVICES[device]}`);
      for (const fault of faults) select.add(new Option(FAULTS[fault] ?? fault, fault));
      select.addEventListener("change", () => post(`devices/${device}/fault`, { fault: select.value }));
      host.append(select);
    }
    const plug = button("", () => post(`devices/${device}/${plug.getAttribute("aria-checked") === "true" ? "unplug" : "replug"}`), "plug");
    plug.setAttribute("role", "switch");
    plug.append(document.createElement("span"), document.createElement("i"));
    host.append(plug);
  }
}

function showSwitches() {
  const wrong = [];
  for (const panel of document.querySelectorAll("[data-device]")) {
    const device = panel.dataset.device, now = state.devices[device], select = panel.querySelector(".switches select");
    panel.classList.toggle("unplugged", !now.is_plugged);
    panel.classList.toggle("faulty", now.fault !== "none");
    const plug = panel.querySelector(".plug");
    plug.setAttribute("aria-checked", now.is_plugged);
    plug.firstChild.textContent = device === "network" ? (now.is_plugged ? "Up" : "Down") : (now.is_plugged ? "Plugged in" : "Unplugged");
    if (select && document.activeElement !== select) select.value = now.fault;
    select?.classList.toggle("on", now.fault !== "none");
    if (!now.is_plugged) wrong.push(`${DEVICES[device]} ${device === "network" ? "down" : "unplugged"}`);
    else if (now.fault !== "none") wrong.push(`${DEVICES[device]}: ${(FAULTS[now.fault] ?? now.fault).toLowerCase()}`);
  }
  const pill = find("#trouble");
  pill.className = wrong.length ? "pill bad" : "pill ok";
  pill.textContent = wrong.length ? wrong.join(" · ") : "All devices well";
}

function wireNetwork() {
  const slider = find("#latency");
  slider.addEventListener("input", () => { find("#latency-value").textContent = `${Number(slider.value).toFixed(1)} s`; });
  slider.addEventListener("change", () => post("road", { latency_s: Number(slider.value) }));
}

function showNetwork() {
  const slider = find("#latency");
  if (document.activeElement !== slider) {
    slider.value = state.road.latency_s;
    find("#latency-value").textContent = `${state.road.latency_s.toFixed(1)} s`;
  }
  find("#network-note").textContent = `${state.road.requests} requests have gone to the registry`;
}

// --- what was printed
function showRoll(host, names, address, caption) {
  if (host.dataset.shown === names.join()) return;
  host.dataset.shown = names.join();
  if (!names.length) return;
  host.replaceChildren(...[...names].reverse().map((name) => {
    const figure = document.createElement("figure");
    const link = Object.assign(document.createElement("a"), { href: address(name), target: "_blank" });
    if (name.endsWith(".pdf")) link.textContent = name;
    else link.append(Object.assign(document.createElement("img"), { src: address(name), alt: name }));
    figure.append(link, Object.assign(document.createElement("figcaption"), { textContent: caption(name) }));
    return figure;
  }));
}

async function refresh() {
  const answer = await fetch("state").catch(() => null);
  if (!answer?.ok) { toast("The desk is switched off"); return; }
  const isFirst = state === null;
  state = await answer.json();
  if (isFirst) drawSwitches();
  find("#desk-name").textContent = state.addresses.name;
  document.title = `Bench of ${state.addresses.name}`;
  showFinger(); showCamera(); showSwitches(); showNetwork();
  drawCards(state, post, button);
  showRoll(find("#receipts"), state.receipts, (name) => `receipts/${name}.png`, (name) => `Receipt ${Number(name.split("-")[1])}`);
  showRoll(find("#card-faces"), state.card_faces, (name) => `card-faces/${name}`, (name) => name.replace(/^card-|\.\w+$/g, ""));
}

people = await (await fetch("people")).json();
drawPeople();
wireFinger();
wireNetwork();
find("#new-blank").addEventListener("click", () => post("cards/blank"));
find("#all-well").addEventListener("click", () => post("all-well"));
await refresh();
choosePerson("mother");
setInterval(refresh, POLL_MS);
