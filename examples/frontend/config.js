// What a deployment says for itself. Nothing else in this folder needs to be touched.

export default {
  // Where the API is.
  api: "http://127.0.0.1:8000",
  // Other addresses of the API that `?api=` may name. On the developer's own machine it may name any: elsewhere a link
  // with a stranger's address in it would send that stranger what people type here.
  apis: [],
  // The hub whose evenings are shown: its slug or its id. `?hub=` names another.
  hub: "demo",
  // How often to ask for what is not told live: one's place on the waitlist, and seats where streams do not get through.
  pollSeconds: 5,
};
