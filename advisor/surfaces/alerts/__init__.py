"""The webhook of Alertmanager and Grafana: what fires there starts a targeted look here."""
