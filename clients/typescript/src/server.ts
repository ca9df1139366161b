// A mock: `eqkit serve` as a process of its own, or a server that runs already.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { Control, type Schemas } from "./control.js";
import { Sandbox } from "./sandbox.js";

const PATIENCE_MS = 60_000;

export interface StartOptions {
  /** The command and its first arguments; the variable EQKIT_COMMAND or `eqkit` on the PATH by default. */
  command?: readonly string[];
  /** More options of `eqkit serve`, such as `["--seed", "7"]`. */
  options?: readonly string[];
}

/** A server that answers at `url`. */
export class MockServer implements AsyncDisposable {
  private constructor(
    readonly url: string,
    private readonly controlToken: string | undefined,
    private readonly process?: ChildProcess,
  ) {}

  /** Starts a server on a free port; rejects where it does not come up. Its log goes to standard error. */
  static async start({ command = defaultCommand(), options = [] }: StartOptions = {}): Promise<MockServer> {
    const [program = "eqkit", ...first] = command;
    const folder = await mkdtemp(join(tmpdir(), "eqkit-"));
    const readyFile = join(folder, "ready.txt");
    const ours = ["serve", "--port", "0", "--log-level", "warning", "--ready-file", readyFile];
    const child = spawn(program, [...first, ...ours, ...options], {
      stdio: ["ignore", "pipe", "inherit"],
      env: withoutSettings(process.env),
    });
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    try {
      const hasStarted = await Promise.race([hasSpoken(child), failed]);
      if (!hasStarted) throw new Error(`"${command.join(" ")} serve" did not start; see its standard error`);
      // A test that forgets to stop the server ends all the same, and takes it along.
      child.unref();
      (child.stdout as Socket | null)?.unref();
      globalThis.process.once("exit", () => child.kill());
      return new MockServer((await readFile(readyFile, "utf8")).trim(), undefined, child);
    } finally {
      clearTimeout(patience);
      await rm(folder, { recursive: true });
    }
  }

  /** Uses a server that runs already. */
  static at(url: string, { controlToken }: { controlToken?: string } = {}): MockServer {
    return new MockServer(url.replace(/\/+$/, ""), controlToken);
  }

  /** Returns the sandbox of a key, by default one that nobody has used yet. */
  sandbox(key = `test_${randomUUID()}`): Sandbox {
    return new Sandbox(new Control(this.url, { key, controlToken: this.controlToken }), key);
  }

  /** Lists the sandboxes of the server. */
  async sandboxes(): Promise<readonly Schemas["Sandbox"][]> {
    const control = new Control(this.url, { controlToken: this.controlToken });
    return (await control.call("listSandboxes", "GET", "/sandboxes")).sandboxes;
  }

  /** Stops the server, if this object has started it. */
  async stop(): Promise<void> {
    const { process } = this;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    process.ref();
    const ended = once(process, "exit");
    process.kill();
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Returns the command that EQKIT_COMMAND names; a part with blanks in it stands in quotes, as in a shell. */
function defaultCommand(): string[] {
  const parts = (process.env["EQKIT_COMMAND"] ?? "eqkit").match(/"[^"]*"|'[^']*'|\S+/g) ?? ["eqkit"];
  return parts.map((part) => part.replace(/^(["'])(.*)\1$/, "$2"));
}

/** Returns an environment whose EQKIT_ variables, meant for another server, do not set this one. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("EQKIT_")));
}

/** Returns whether a server has said its first line, by which time its ready file is written. */
async function hasSpoken(child: ChildProcess): Promise<boolean> {
  if (child.stdout === null) return false;
  for await (const _ of createInterface(child.stdout)) {
    child.stdout.resume();
    return true;
  }
  return false;
}
