// ElasticQueue through the client that openapi-generator makes for Go.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"example/elasticqueue"
)

// due is in an hour, to the millisecond.
var due = time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()

// message makes a new message.
func message(body string) elasticqueue.MessageInput {
	return *elasticqueue.NewMessageInput("message", *elasticqueue.NewMessageInputAttributes(body))
}

// with makes a context whose calls carry a key.
func with(key string) context.Context {
	keys := map[string]elasticqueue.APIKey{"ApiKey": {Key: key}}
	return context.WithValue(context.Background(), elasticqueue.ContextAPIKeys, keys)
}

// must ends the program where a call was refused.
func must[T any](document T, _ *http.Response, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return document
}

// expect ends the program where two values differ.
func expect[T comparable](wanted, found T) {
	if wanted != found {
		log.Fatalf("wanted %v, found %v", wanted, found)
	}
}

// apiError gives the status and the first error of a call, and ends the program where it was not refused.
func apiError[T any](_ T, response *http.Response, err error) (int, elasticqueue.ErrorObject) {
	var refused *elasticqueue.GenericOpenAPIError
	if !errors.As(err, &refused) {
		log.Fatalf("wanted a refusal, found %v", err)
	}
	document, typed := refused.Model().(elasticqueue.ErrorDocument)
	if !typed {
		log.Fatalf("the error has no document: %v: %s", err, refused.Body())
	}
	return response.StatusCode, document.Errors[0]
}

func main() {
	configuration := elasticqueue.NewConfiguration()
	configuration.Servers = elasticqueue.ServerConfigurations{{URL: os.Getenv("ELASTICQUEUE_URL")}}
	api := elasticqueue.NewAPIClient(configuration).MessagesAPI
	ctx := with(os.Getenv("ELASTICQUEUE_KEY"))

	plants := message("water the plants")
	plants.Attributes.SetWaitUntil(due.UnixMilli())
	request := api.EnqueueMessage(ctx, "reminders").
		MessageInputDocument(*elasticqueue.NewMessageInputDocument(plants)).
		IdempotencyKey("order-4711")
	first := must(request.Execute()).Data
	fmt.Println("ok: enqueue")

	expect(first.Id, must(request.Execute()).Data.Id)
	fmt.Println("ok: Idempotency-Key")

	many := *elasticqueue.NewBulkMessageInputDocument(
		[]elasticqueue.MessageInput{message("tea"), message("and biscuits")})
	bulk := must(api.BulkEnqueueMessages(ctx, "reminders").BulkMessageInputDocument(many).Execute()).Data
	tea, err := strconv.ParseInt(bulk[0].Id, 10, 64)
	expect(nil, err)
	expect(strconv.FormatInt(tea+1, 10), bulk[1].Id)
	fmt.Println("ok: bulk")

	found := must(api.GetMessage(ctx, "reminders", first.Id).Execute()).Data
	expect("water the plants", found.Attributes.Body)
	expect(due.UnixMilli(), found.Attributes.GetWaitUntil())
	expect("delayed", string(found.Meta.State))
	expect(due, found.Meta.DueAt)
	fmt.Println("ok: read")

	negative := message("never")
	negative.Attributes.SetWaitUntil(-1)
	status, refused := apiError(api.EnqueueMessage(ctx, "reminders").
		MessageInputDocument(*elasticqueue.NewMessageInputDocument(negative)).Execute())
	expect(400, status)
	expect("invalid-wait-until", refused.Code)
	expect("/data/attributes/wait-until", refused.Source.GetPointer())
	fmt.Println("ok: 400")

	status, refused = apiError(api.GetMessage(with("nobody"), "reminders", first.Id).Execute())
	expect(401, status)
	expect("unauthorized", refused.Code)
	fmt.Println("ok: 401")

	other := *elasticqueue.NewMessageInputDocument(message("feed the cat"))
	status, refused = apiError(request.MessageInputDocument(other).Execute())
	expect(409, status)
	expect("idempotency-key-reused", refused.Code)
	fmt.Println("ok: 409")

	// What the docs print and error codes that are new are read, too; `python -m sdks` has the mock answer so.
	docs := api.EnqueueMessage(ctx, "my-queue").
		MessageInputDocument(*elasticqueue.NewMessageInputDocument(message("tea")))
	expect(false, must(docs.Execute()).Data.Id == "")
	status, refused = apiError(api.GetMessage(ctx, "my-queue", first.Id).Execute())
	expect(404, status)
	expect("404", refused.Status)
	fmt.Println("ok: tolerance")
}
