#!/usr/bin/env bash
# Run once by the PostgreSQL image on an empty volume: the hub's and Airflow's roles and databases, each its own owner.
set -euo pipefail

for name in hub airflow; do
  # The password goes from its file into psql, past every command line.
  NAME=$name psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv name NAME
\set secret `cat "/run/secrets/${NAME}_database_password"`
CREATE ROLE :"name" LOGIN PASSWORD :'secret';
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
