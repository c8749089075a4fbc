# The service in a small image that does not run as root. Built in two stages: the second has no build tools.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/teachmeet
COPY requirements.txt ./
RUN /opt/teachmeet/bin/pip install --no-cache-dir --no-compile -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY migrations ./migrations
RUN /opt/teachmeet/bin/pip install --no-cache-dir --no-compile --no-deps --no-build-isolation . \
    && /opt/teachmeet/bin/pip uninstall --yes uv_build pip \
    && python -m compileall -q -j 0 /opt/teachmeet/lib

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/teachmeet --create-home --shell /usr/sbin/nologin teachmeet
COPY --from=build /opt/teachmeet /opt/teachmeet
ENV PATH=/opt/teachmeet/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TEACHMEET_DATABASE_URL=sqlite:////var/lib/teachmeet/teachmeet.sqlite
USER teachmeet
WORKDIR /var/lib/teachmeet
VOLUME /var/lib/teachmeet
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
CMD ["teachmeet", "serve", "--host", "0.0.0.0", "--port", "8000"]
