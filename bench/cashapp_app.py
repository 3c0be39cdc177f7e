"""cashapp-service's api role for a benchmark: run as a process of its own by `bench.servers.service_on`."""

from bench.servers import run_verifier
from cashapp_service.app import create_app
from cashapp_service.settings import CashappSettings
from shared.http.app import serve

if __name__ == "__main__":
    SETTINGS = CashappSettings()
    serve(create_app(SETTINGS, verifier=run_verifier(SETTINGS)), SETTINGS, service="cashapp-service")
