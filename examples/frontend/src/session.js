// Who is signed in. The token is kept for this tab, or on this device for those who ask for it, and for one API only.

import * as api from "./api.js";
import { settings } from "./settings.js";

const NAME = `teachmeet ${settings.api}`;
const RETURN = "teachmeet back to";

export const session = {
  me: null,

  get signedIn() {
    return this.me !== null;
  },

  // Those who register others: organisers, and school leads for their own school.
  get registersOthers() {
    return this.me !== null && this.me.kind !== "teacher" && this.me.scopes.includes("registrations:write");
  },

  async begin(token, { stay = false } = {}) {
    api.useCredential(token);
    try {
      this.me = (await api.get("/v1/me", { signingIn: true })).body;
    } catch (refusal) {
      api.useCredential(null);
      throw refusal;
    }
    (stay ? localStorage : sessionStorage).setItem(NAME, token);
  },

  // Takes up what was kept, unless that is done. A token that is good no more is thrown away; when nobody answers, it is
  // kept, and that refusal raised.
  async settle() {
    const token = sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME);
    if (token === null || this.me !== null) {
      return;
    }
    api.useCredential(token);
    try {
      this.me = (await api.get("/v1/me", { signingIn: true })).body;
    } catch (refusal) {
      if (refusal.name !== "unauthenticated") {
        throw refusal;
      }
      this.forget();
    }
  },

  forget() {
    this.me = null;
    api.useCredential(null);
    sessionStorage.removeItem(NAME);
    localStorage.removeItem(NAME);
  },

  // Ends it here and at the service. A key has no session to end: it is only forgotten.
  async end() {
    if (this.me?.teacher_id) {
      await api.remove("/v1/sessions/current", { quietly: true }).catch(() => null);
    }
    this.forget();
  },

  comeBackTo(hash) {
    sessionStorage.setItem(RETURN, hash);
  },

  whereTo() {
    const hash = sessionStorage.getItem(RETURN) ?? "#/events";
    sessionStorage.removeItem(RETURN);
    return hash;
  },
};
