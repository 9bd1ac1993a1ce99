# One image for every process: web, worker, watch, migrate. What is in it comes from requirements.lock, by hash.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/incident
COPY requirements.lock ./
RUN /opt/incident/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY incident ./incident
COPY drills ./drills
COPY web ./web
RUN /opt/incident/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/incident --create-home incident
COPY --from=build /opt/incident /opt/incident
ENV PATH=/opt/incident/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    INCIDENT_DATA=/var/lib/incident \
    INCIDENT_HOST=0.0.0.0 \
    INCIDENT_PORT=8000 \
    INCIDENT_LOG=json
USER incident
WORKDIR /var/lib/incident
VOLUME /var/lib/incident
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-m", "incident.running.alive"]
ENTRYPOINT ["incident"]
CMD ["serve"]
