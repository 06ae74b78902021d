// A real OpenID provider for the tests, on loopback: it proves people as Pro Santé Connect does, by `eidas1`.
// Started with one argument, JSON: {"redirect_uri", "logout_uri", "after_sign_out", "secret"}; prints its issuer.
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const asked = JSON.parse(process.argv[2]);
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  acrValues: ["eidas1"],
  claims: { acr: null, amr: null, auth_time: null, sid: null, openid: ["sub"], scope_all: ["SubjectNameID"] },
  clients: [
    {
      client_id: "serment",
      client_secret: asked.secret,
      redirect_uris: [asked.redirect_uri],
      post_logout_redirect_uris: [asked.after_sign_out],
      backchannel_logout_uri: asked.logout_uri,
      backchannel_logout_session_required: true,
      grant_types: ["authorization_code"],
      response_types: ["code"],
      scope: "openid scope_all",
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  conformIdTokenClaims: true,
  cookies: { keys: ["only for tests"] },
  features: {
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true },
    userinfo: { enabled: true },
  },
  // On loopback on purpose: the guard against addresses of this machine is in the dispatcher, which is left out.
  fetch: (address, { dispatcher: _guard, ...options }) => globalThis.fetch(address, options),
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, SubjectNameID: id.split(":").pop() }) }),
  // Nobody is asked whether they agree: the test is of who they are.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: "serment", accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid scope_all");
    await grant.save();
    return grant;
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  scopes: ["openid", "scope_all"],
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 600, IdToken: 300, Interaction: 600, Session: 600 },
});

// What stands for the card reader: one page, one button.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  if (ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = `<!doctype html><html lang="fr"><title>e-CPS</title>
<form method="post"><button>Confirmer avec ma carte</button></form></html>`;
    return undefined;
  }
  const login = { accountId: "f:4c6d:899700218896", acr: "eidas1", amr: ["pki", "mfa"], remember: true };
  const result = { login };
  return provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false }).then(() => {
    ctx.respond = false;
  });
});

server.on("request", provider.callback());
process.stdout.write(`${issuer}\n`);
