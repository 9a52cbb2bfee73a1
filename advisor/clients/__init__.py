"""The one home of each client library: sessions, time-outs, authentication, closing."""
