// What @hey-api/openapi-ts makes: the imports of its files say `.js`, as modules of Node have to.

export default {
  input: "elasticqueue.yaml",
  output: { path: "client", importFileExtension: ".js" },
};
