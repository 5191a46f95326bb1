# The program alone: static, no shell, not root. State lives in the volume, so
# the root file system may be mounted read-only.
#
#   docker build --build-arg VERSION=v1.2.3 --build-arg COMMIT=$(git rev-parse HEAD) -t vpsops .
#   docker run --read-only -v vpsops:/var/lib/vpsops --env-file vpsops.env vpsops

ARG GO_IMAGE=docker.io/library/golang:1.26

FROM ${GO_IMAGE} AS build
WORKDIR /src
# Fetched apart from the code, so that a change of code fetches nothing.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ARG COMMIT=
# The image has no time zones of its own: timetzdata brings them along.
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata \
      -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT}" \
      -o /out/vpsops ./cmd/vpsops
RUN mkdir /out/lib && mkdir -m 0700 /out/lib/vpsops

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/vpsops /vpsops
# The folder in it, for a copy of the folder itself loses its mode.
COPY --from=build --chown=65532:65532 /out/lib/ /var/lib/
# A number, so that an orchestrator can tell that it isn't root.
USER 65532:65532
# The key is made beside the ledger. Loopback inside a container reaches
# nobody, so listen on every address: serve then starts only with tokens in the
# policy (vpsops token new) or OAuth, and a VPSOPS_PUBLIC_URL. docs/AUTH.md tells
# how. The admin address stays inside, where the health check asks it.
ENV VPSOPS_STORE=/var/lib/vpsops/ledger.db \
    XDG_STATE_HOME=/var/lib \
    VPSOPS_LISTEN=:8321 \
    VPSOPS_OPEN_BROWSER=never
VOLUME /var/lib/vpsops
EXPOSE 8321
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/vpsops", "healthcheck"]
ENTRYPOINT ["/vpsops"]
CMD ["serve"]

ARG VERSION=dev
ARG COMMIT=
ARG CREATED=
LABEL org.opencontainers.image.title="vpsops" \
      org.opencontainers.image.description="Manage VPS.org servers by talking, with a person before everything destructive" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.created="${CREATED}"
