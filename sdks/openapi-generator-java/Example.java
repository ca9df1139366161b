import static java.time.temporal.ChronoUnit.HOURS;
import static java.time.temporal.ChronoUnit.MILLIS;

import com.elasticqueue.api.MessagesApi;
import com.elasticqueue.client.ApiClient;
import com.elasticqueue.client.ApiException;
import com.elasticqueue.model.BulkMessageInputDocument;
import com.elasticqueue.model.ErrorDocument;
import com.elasticqueue.model.Message;
import com.elasticqueue.model.MessageInput;
import com.elasticqueue.model.MessageInputAttributes;
import com.elasticqueue.model.MessageInputDocument;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Instant;

/** ElasticQueue through the client that openapi-generator makes for Java (its library "native"). */
final class Example {
  private static final Instant DUE = Instant.now().plus(1, HOURS).truncatedTo(MILLIS);

  private interface Call {
    Object run() throws ApiException;
  }

  private record ApiError(int status, String code, String pointer) {}

  /** The operations of a service, called with a key. */
  private static MessagesApi client(String key) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("ELASTICQUEUE_URL"));
    client.setRequestInterceptor(request -> request.header("Authorization", key));
    return new MessagesApi(client);
  }

  /** A new message. */
  private static MessageInput message(String body) {
    MessageInputAttributes attributes = new MessageInputAttributes().body(body);
    return new MessageInput().type("message").attributes(attributes);
  }

  /** What the error document of a refused call says. */
  private static ApiError apiError(Call call) throws JsonProcessingException {
    try {
      call.run();
    } catch (ApiException error) {
      var mapper = ApiClient.createDefaultObjectMapper();
      ErrorDocument document = mapper.readValue(error.getResponseBody(), ErrorDocument.class);
      var first = document.getErrors().get(0);
      String pointer = first.getSource() == null ? null : first.getSource().getPointer();
      return new ApiError(error.getCode(), first.getCode(), pointer);
    }
    throw new IllegalStateException("the call was not refused");
  }

  private static void expect(Object wanted, Object found) {
    if (!wanted.equals(found)) {
      throw new IllegalStateException("wanted " + wanted + ", found " + found);
    }
  }

  public static void main(String[] args) throws ApiException, JsonProcessingException {
    MessagesApi api = client(System.getenv("ELASTICQUEUE_KEY"));
    MessageInput plants = message("water the plants");
    plants.getAttributes().setWaitUntil(DUE.toEpochMilli());
    MessageInputDocument document = new MessageInputDocument().data(plants);
    String first = api.enqueueMessage("reminders", document, "order-4711").getData().getId();
    System.out.println("ok: enqueue");

    String again = api.enqueueMessage("reminders", document, "order-4711").getData().getId();
    expect(first, again);
    System.out.println("ok: Idempotency-Key");

    BulkMessageInputDocument many =
        new BulkMessageInputDocument().addDataItem(message("tea")).addDataItem(message("and biscuits"));
    var bulk = api.bulkEnqueueMessages("reminders", many, null).getData();
    expect(Long.parseLong(bulk.get(0).getId()) + 1, Long.parseLong(bulk.get(1).getId()));
    System.out.println("ok: bulk");

    Message found = api.getMessage("reminders", first).getData();
    expect("water the plants", found.getAttributes().getBody());
    expect(DUE.toEpochMilli(), found.getAttributes().getWaitUntil());
    expect("delayed", found.getMeta().getState());
    expect(DUE, found.getMeta().getDueAt().toInstant());
    System.out.println("ok: read");

    MessageInput never = message("never");
    never.getAttributes().setWaitUntil(-1L);
    MessageInputDocument negative = new MessageInputDocument().data(never);
    expect(
        new ApiError(400, "invalid-wait-until", "/data/attributes/wait-until"),
        apiError(() -> api.enqueueMessage("reminders", negative, null)));
    System.out.println("ok: 400");

    ApiError nobody = apiError(() -> client("nobody").getMessage("reminders", first));
    expect("401 unauthorized", nobody.status() + " " + nobody.code());
    System.out.println("ok: 401");

    MessageInputDocument other = new MessageInputDocument().data(message("feed the cat"));
    ApiError reused = apiError(() -> api.enqueueMessage("reminders", other, "order-4711"));
    expect("409 idempotency-key-reused", reused.status() + " " + reused.code());
    System.out.println("ok: 409");

    // What the docs print and error codes that are new are read, too; `python -m sdks` has the mock
    // answer so.
    expect(false, api.enqueueMessage("my-queue", document, null).getData().getId().isEmpty());
    expect(404, apiError(() -> api.getMessage("my-queue", first)).status());
    System.out.println("ok: tolerance");
  }
}
