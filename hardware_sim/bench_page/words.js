// The words of the bench page: what the control API calls things, and what a person calls them.
export const FINGERS = {
  1: "right thumb", 2: "right index", 3: "right middle", 4: "right ring", 5: "right little",
  6: "left thumb", 7: "left index", 8: "left middle", 9: "left ring", 10: "left little",
};
export const CONDITIONS = { good: "Good", dry: "Dry", wet: "Wet", worn: "Worn", short: "Too short", wrong: "Wrong" };
export const PARTS = {
  officer: "Officer", mother: "Mother", father: "Father", daughter: "Daughter", son: "Son", toddler: "Youngest",
  grandfather: "Grandfather", stranger: "Stranger", namesake: "Namesake",
};
export const DEVICES = {
  readers: "card readers", sensor: "fingerprint sensor", camera: "camera", receipt_printer: "receipt printer",
  card_printer: "card printer", network: "network",
};
export const KINDS = { household: "Household card", officer: "Officer’s card", copy: "Copied card, no key", blank: "Blank card" };
export const FAULTS = {
  none: "Works well", silent: "Says nothing", garbage: "Answers garbage", half_packet: "Stops in mid-answer",
  lying_length: "Lies about length", wrong_address: "Answers for another", bad_checksum: "Wrong checksums",
  swapped_bytes: "Swaps bytes", unplugged_mid_image: "Unplugs in mid-picture", silent_mid_image: "Stops in mid-picture",
  stalled: "Picture stands still", dropped: "Drops connections", black: "Black picture", dark: "Too dark",
  blurred: "Out of focus", two_faces: "Two faces", nobody: "Nobody there", slow: "Very slow", wrong_length: "Wrong lengths",
  paper_out: "Out of paper", offline: "Not answering", jammed: "Jammed",
  down: "Every request fails", reset: "Connections break", half_open: "No answer ever comes", answer_lost: "Answers get lost",
  answer_late: "Answers come too late", request_twice: "Requests arrive twice", old_request_again: "Old requests come again",
  server_error: "Registry answers 500", captive_portal: "Wi-Fi login page", answer_cut: "Answers are cut off",
};
export const CARD_FAULTS = {
  CUT_NOT_DELIVERED: "Power fails before the next command", CUT_ANSWER_LOST: "Power fails after the next command",
  SILENT: "Card stops answering", GARBAGE: "Card answers garbage", WRONG_MAC: "Next answer is forged",
  SWAP_CARD: "Another card answers",
};
