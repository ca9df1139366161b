// What orval makes: functions for fetch that go by our own, and parameters for the headers of the contract.

export default {
  elasticqueue: {
    input: "elasticqueue.yaml",
    output: {
      target: "client/elasticqueue.ts",
      client: "fetch",
      headers: true,
      override: { mutator: { path: "elasticqueue-fetch.ts", name: "elasticqueueFetch", extension: ".js" } },
    },
  },
};
