"""Everybody's itinerary from everybody's wishes.

`solving` is pure: frozen data in, frozen data out, no clock, no database, no chance but the seed. `solve` makes a plan
of all itineraries at once, provably fair in the order that `docs/allocation.md` states; `repair` fits late changes into
a plan with as little disturbance as possible; `figures` and `explain` say what came out and why. `pictures` draws it.
"""
