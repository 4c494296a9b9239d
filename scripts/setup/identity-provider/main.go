// An identity provider for the tests: the OpenID Provider of zitadel/oidc, with the storage of its example, over TLS.
package main

import (
	"context"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Its client for machines gets opaque tokens there; here JWTs.
type users struct{ *storage.Storage }

type client struct{ op.Client }

func (client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

func (u users) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	found, err := u.Storage.ClientCredentials(ctx, id, secret)
	return client{found}, err
}

func main() {
	issuer := os.Getenv("ISSUER")
	provider := exampleop.SetupServer(issuer, users{storage.NewStorage(storage.NewUserStore(issuer))}, slog.Default(), false)
	log.Fatal(http.ListenAndServeTLS(":8443", "/tls/chain.pem", "/tls/key.pem", provider))
}
