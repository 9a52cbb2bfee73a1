# docker build --build-arg PYTHON_IMAGE=python@sha256:... -t tuning-advisor .
#
# PYTHON_IMAGE: a Python of 3.11 or newer on Debian, by its digest, such as that of python:3.13-slim.
# EXTRAS: of the project, such as slack. SYSTEM_PACKAGES: for GitOps "git openssh-client ca-certificates".
ARG PYTHON_IMAGE

FROM ${PYTHON_IMAGE} AS build
ARG EXTRAS=slack
WORKDIR /src
COPY . .
RUN EXTRAS=${EXTRAS} scripts/image_root.sh /opt/advisor

FROM ${PYTHON_IMAGE}
ARG SYSTEM_PACKAGES=""
RUN if [ -n "${SYSTEM_PACKAGES}" ]; then \
        apt-get update -q && apt-get install -y -q --no-install-recommends ${SYSTEM_PACKAGES} \
        && rm -rf /var/lib/apt/lists/*; \
    fi
COPY --from=build /opt/advisor /opt/advisor
ENV PATH=/opt/advisor/bin:${PATH} PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
WORKDIR /tmp
EXPOSE 9595
ENTRYPOINT ["advisor"]
CMD ["run"]
