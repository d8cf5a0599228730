# The hub and its Airflow: one image, the command says which part it is.
FROM python:3.12-slim AS build

WORKDIR /src
RUN python -m venv /opt/hub
ENV PATH=/opt/hub/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# The lock first: it changes more rarely than the code, and its layer is the large one.
COPY requirements.lock ./
RUN pip install --require-hashes --only-binary :all: --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY exchange ./exchange
COPY schemas ./schemas
COPY connectors ./connectors
# Installed, not merely beside dags/: Airflow appends its DAG folder to sys.path, so a file there must never win.
RUN pip install --no-deps --no-build-isolation .

FROM python:3.12-slim

RUN groupadd --gid 50000 hub && useradd --uid 50000 --gid hub --create-home hub \
    && install -d -o hub -g hub -m 0700 /var/lib/hub /var/lib/airflow
COPY --from=build /opt/hub /opt/hub
COPY --chown=root:root dags /opt/hub/dags
ENV PATH=/opt/hub/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HUB_HOME=/var/lib/hub \
    AIRFLOW_HOME=/var/lib/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/hub/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=false
USER hub
WORKDIR /var/lib/hub
VOLUME ["/var/lib/hub", "/var/lib/airflow"]
CMD ["hub", "--help"]
