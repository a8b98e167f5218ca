// What PKI.js says of security objects. Standard input: JSON [{cms, roots: [der], at}], bytes in base64, "at" in ISO 8601.
// Standard output: JSON [{contentType, signature, chain, signers, hashes, fault}] in the same order.
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import * as asn1js from "asn1js";
import * as pkijs from "pkijs";

pkijs.setEngine("node", new pkijs.CryptoEngine({ name: "node", crypto: webcrypto, subtle: webcrypto.subtle }));

const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64")).buffer;

function parse(der) {
  const read = asn1js.fromBER(der);
  if (read.offset !== der.byteLength) throw new Error("not one whole object");
  return read.result;
}

async function check({ cms, roots, at }) {
  const content = new pkijs.ContentInfo({ schema: parse(bytes(cms)) });
  const signed = new pkijs.SignedData({ schema: content.content });
  const verdict = await signed.verify({
    signer: 0,
    checkChain: true,
    checkDate: new Date(at),
    trustedCerts: roots.map((root) => new pkijs.Certificate({ schema: parse(bytes(root)) })),
    extendedMode: true,
  });
  const lds = parse(signed.encapContentInfo.eContent.getValue());
  return {
    contentType: signed.encapContentInfo.eContentType,
    signature: verdict.signatureVerified === true,
    chain: verdict.signerCertificateVerified === true,
    signers: signed.signerInfos.length,
    hashes: Object.fromEntries(
      lds.valueBlock.value[2].valueBlock.value.map(({ valueBlock: { value } }) => [
        value[0].valueBlock.valueDec,
        Buffer.from(value[1].valueBlock.valueHexView).toString("hex"),
      ]),
    ),
    fault: null,
  };
}

const asked = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
for (const each of asked) {
  try {
    answers.push(await check(each));
  } catch (error) {
    const fault = error.message || String(error);
    answers.push({ contentType: null, signature: false, chain: false, signers: 0, hashes: {}, fault });
  }
}
process.stdout.write(JSON.stringify(answers));
