# One image for every process; docker-compose.yml says which command each runs.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TODOKU_VAR=/data TODOKU_BIND=0.0.0.0
WORKDIR /app

# Wheels only: no compiler is needed, and none is there. Every package is checked against the lock.
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --only-binary=:all: --require-hashes --requirement requirements/base.txt

COPY . .
# Catalogues and static files are part of the image. The keys that settings make for themselves here
# are thrown away again with the directory they lie in.
RUN useradd --system --home-dir /data --shell /usr/sbin/nologin todoku \
 && TODOKU_VAR=/tmp/build python manage.py messages --compile \
 && TODOKU_VAR=/tmp/build TODOKU_STATIC_ROOT=/app/staticfiles python manage.py collectstatic --noinput \
 && rm -rf /tmp/build \
 && mkdir /data && chown todoku /data

ENV TODOKU_STATIC_ROOT=/app/staticfiles
USER todoku
VOLUME /data
EXPOSE 8000 8010 2526
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--preload", "--workers", "2", "--threads", "4", "--graceful-timeout", "10", "--no-control-socket"]
