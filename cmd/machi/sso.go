package main

import (
	"machi/internal/server"
)

// ssoFlags name the city's own sign-in service.
type ssoFlags struct {
	OIDCIssuer           string   `name:"oidc-issuer" help:"Issuer of the city's sign-in service (OpenID Connect), exactly as it names itself. Without one: local accounts only." env:"MACHI_OIDC_ISSUER" placeholder:"URL"`
	OIDCClientID         string   `name:"oidc-client-id" help:"What the service knows this system by." env:"MACHI_OIDC_CLIENT_ID"`
	OIDCClientSecretFile string   `name:"oidc-client-secret-file" help:"File with the secret that belongs to it." env:"MACHI_OIDC_CLIENT_SECRET_FILE" placeholder:"FILE" type:"path"`
	OIDCGroups           []string `name:"oidc-group" help:"What members of a group may do, once for each: GROUP=ROLE@OFFICE, or GROUP=ROLE for all offices." env:"MACHI_OIDC_GROUPS" sep:";" placeholder:"GROUP=ROLE@OFFICE"`
	OIDCGroupsClaim      string   `name:"oidc-groups-claim" help:"Claim of the ID token that names the groups." env:"MACHI_OIDC_GROUPS_CLAIM" default:"groups"`
	OIDCScopes           []string `name:"oidc-scope" help:"What is asked for besides openid." env:"MACHI_OIDC_SCOPES" default:"profile"`
	OIDCACR              string   `name:"oidc-acr" help:"Strength of the sign-in that is demanded (acr), such as one with a second factor." env:"MACHI_OIDC_ACR"`
}

func (f ssoFlags) sso() (server.SSO, error) {
	key, err := secret("", f.OIDCClientSecretFile)
	return server.SSO{
		Issuer: f.OIDCIssuer, ClientID: f.OIDCClientID, ClientSecret: key,
		Groups: f.OIDCGroups, GroupsClaim: f.OIDCGroupsClaim, Scopes: f.OIDCScopes, ACR: f.OIDCACR,
	}, err
}
