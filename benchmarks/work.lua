-- One request, repeated: method, content type and body come from the command line; what came of it is told as JSON.
function init(args)
  wrk.method = args[1]
  if args[2] then
    local file = assert(io.open(args[2], "rb"))
    wrk.body = file:read("*a")
    wrk.headers["Content-Type"] = "application/vnd.api+json"
    file:close()
  end
end

function done(summary, latency, requests)
  local lost = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "refused": %d, "lost": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, lost.status, lost.connect + lost.read + lost.write + lost.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
