// How the functions that orval makes reach the service: its address, its key, and answers as JSON.

/** Answers a request with status, headers and document; a key among its headers goes before ours. */
export async function elasticqueueFetch<T>(path: string, options: RequestInit): Promise<T> {
  const response = await fetch(process.env["ELASTICQUEUE_URL"] + path, {
    ...options,
    headers: { Authorization: process.env["ELASTICQUEUE_KEY"]!, ...options.headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, data: text && JSON.parse(text) } as T;
}
