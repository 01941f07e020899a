// A real provider on a port of its own: node provider.mjs '{"port": 0, "callback": "...", "issuer": "http://127.0.0.1:PORT"}'.
// Its forms take any name and password; who one is, is in PEOPLE. Says "ready" when it answers.
import Provider from "oidc-provider";

const { port, callback, out } = JSON.parse(process.argv[2]);

const PEOPLE = {
  "u-1": { preferred_username: "M.Durand", email: "m.durand@exemple.fr", email_verified: true, groups: ["Documentation", "paris"] },
  "u-2": { preferred_username: "Zoé", email: "zoe@exemple.fr", email_verified: false, groups: [] },
  "u-3": { email: "sans-nom@exemple.fr", email_verified: true },
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "depeches",
      client_secret: "un-secret-d-essai-assez-long-pour-tous",
      redirect_uris: [callback],
      post_logout_redirect_uris: [out],
    },
  ],
  claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email", "email_verified"], groups: ["groups"] },
  scopes: ["openid", "profile", "email", "groups", "offline_access"],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  cookies: { keys: ["essai"] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
});

provider.listen(port, "127.0.0.1", () => console.log("ready"));
