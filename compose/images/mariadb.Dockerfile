# MariaDB from Debian's packages, for the architectures that keep sessions in it: an image of its own, built only for them.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}

RUN apt-get -q update \
    && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install mariadb-server-core mariadb-client-core \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb \
    && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin lab \
    && install -d -o lab -g lab /data /run/mysqld \
    && command -v mariadbd mariadb-install-db mariadb

WORKDIR /data
USER lab
