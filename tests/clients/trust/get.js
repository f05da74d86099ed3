// Fetches each address and prints its status. The certificate is named by NODE_EXTRA_CA_CERTS.
const { get } = require("node:https");

const next = ([address, ...others]) =>
  address &&
  get(address, { agent: false }, (answer) => {
    console.log(answer.statusCode);
    answer.resume().on("end", () => next(others));
  });
next(process.argv.slice(2));
