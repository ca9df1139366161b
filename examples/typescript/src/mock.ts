// A mock of ElasticQueue for tests: `eqkit serve` as a process, and a world of its own for each test.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";

type Json = Record<string, unknown>;

/** A server that runs until it is stopped. */
export class Server {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
  ) {}

  /** Starts a server on a free port; `EQKIT` names the command where it is not on the PATH. */
  static async start(): Promise<Server> {
    const command = process.env["EQKIT"] ?? "eqkit";
    const child = spawn(command, ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface(child.stdout)) {
      const url = /ElasticQueue is at (\S+)/.exec(line)?.[1];
      if (url !== undefined) {
        child.stdout.resume();
        return new Server(url, child);
      }
    }
    throw new Error(`${command} serve did not start`);
  }

  async stop(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
  }

  /** A world that nobody has used yet. */
  sandbox(): Sandbox {
    return new Sandbox(this.url, `test_${randomUUID()}`);
  }
}

/** One world: its key for the code under test, and the control plane for the test. */
export class Sandbox {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  /** Asks the control plane, and throws where it refuses. */
  async control(method: string, path: string, body?: Json): Promise<Json> {
    const response = await fetch(`${this.url}/_mock${path}`, {
      method,
      headers: { Authorization: this.key, ...(body && { "Content-Type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as Json);
  }

  /** Stops the clock at an instant. */
  freeze(at: string): Promise<Json> {
    return this.control("POST", "/clock/freeze", { at });
  }

  /** Moves the clock on. */
  advance(seconds: number): Promise<Json> {
    return this.control("POST", "/clock/advance", { "by-ms": Math.round(seconds * 1000) });
  }

  /** Stores what the next requests send, and closes the connection without an answer. */
  loseAnswers(count: number): Promise<Json> {
    return this.control("POST", "/faults", { when: "after", count, do: { wire: { kind: "close" } } });
  }

  /** How many requests match. */
  async count(match: Json): Promise<number> {
    return (await this.control("POST", "/journal/count", match))["count"] as number;
  }

  /** The ids of what is pending. */
  async pending(): Promise<string[]> {
    const { messages } = (await this.control("GET", "/pending")) as { messages: { id: string }[] };
    return messages.map(({ id }) => id);
  }
}
