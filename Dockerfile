# The image of pomlint: a static binary and the certificates of public authorities; no shell, no user but a number.
FROM rust:1.88-alpine AS build
WORKDIR /project
COPY . .
# On this image the target is musl, and a binary is static.
RUN cargo build --release --locked

FROM alpine:3.22 AS certificates

FROM scratch
COPY --from=certificates /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /project/target/release/pomlint /usr/local/bin/pomlint
ENV PATH=/usr/local/bin
USER 65532:65532
WORKDIR /src
ENTRYPOINT ["pomlint"]
