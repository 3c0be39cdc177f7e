#!/bin/bash
# Runs once, when PostgreSQL's data folder is new: one database per service, each with a user of its own
# that can enter no other. All share the password of the installation, which comes from the environment.
set -euo pipefail

for part in credit cashapp dispute collections gateway; do
    psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set=name="openitem_$part" --set=password="$OPENITEM_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT, TEMPORARY ON DATABASE :"name" FROM PUBLIC;
SQL
done
