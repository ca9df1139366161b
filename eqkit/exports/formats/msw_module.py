"""The part of the module for msw that no contract changes."""

BEGINNING = r"""
// Written by `eqkit export msw`: change the contract, and not this file.
import { http, HttpResponse, type HttpHandler, type JsonBodyType } from "msw";

interface Answer {
  readonly status: number;
  readonly example: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly json?: JsonBodyType;
  readonly text?: string;
  readonly base64?: string;
}

/** Returns the preferences of a request (RFC 7240), such as `code=404` and `example="a name"`. */
function preferences(prefer: string): Map<string, string> {
  const found = new Map<string, string>();
  const pattern = /(?:^|[,;])\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))/g;
  for (const [, name = "", quoted, token = ""] of prefer.matchAll(pattern)) {
    found.set(name.toLowerCase(), quoted === undefined ? token : quoted.replace(/\\(.)/g, "$1"));
  }
  return found;
}

/** Returns the answer that `Prefer: code=404, example=name` asks for, else the first. */
function respond(request: Request, answers: readonly [Answer, ...Answer[]]): Response {
  const prefer = request.headers.get("prefer") ?? "";
  const wishes = preferences(prefer);
  const code = wishes.get("code");
  const example = wishes.get("example");
  const answer = answers.find(
    (each) =>
      (code === undefined || code === String(each.status)) &&
      (example === undefined || example === each.example),
  );
  const { status, headers, json, text, base64 } = answer ?? answers[0];
  const sent = new Headers();
  headers.forEach(([name, value]) => sent.append(name, value));
  if (answer !== undefined && (code ?? example) !== undefined) {
    sent.set("Preference-Applied", prefer);
  }
  const init = { status, headers: sent };
  if (json !== undefined) {
    return HttpResponse.json(json, init);
  }
  if (base64 !== undefined) {
    return new HttpResponse(Uint8Array.from(atob(base64), (each) => each.charCodeAt(0)), init);
  }
  return new HttpResponse(text ?? null, init);
}

export const handlers: HttpHandler[] = [
""".lstrip()
"""The types and the function that each handler calls; the list of handlers is open at its end."""
