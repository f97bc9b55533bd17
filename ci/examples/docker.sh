#!/usr/bin/env bash
# Judges a server that runs already, with Docker and nothing else. Reports come to the folder chatspec-report.
#
#   ci/examples/docker.sh http://127.0.0.1:3000
#
# The image is yours to build, once: docker build -f ci/Dockerfile -t chatspec .
set -euo pipefail

url=${1:?"which server? $0 http://127.0.0.1:3000"}
mkdir -p chatspec-report
# The host's own network, so that 127.0.0.1 is this machine; your own user, so that the reports are yours.
exec docker run --rm --network host --user "$(id -u):$(id -g)" --volume "$PWD/chatspec-report:/report" \
  "${CHATSPEC_IMAGE:-chatspec}" run --target "$url" --junit /report/junit.xml --json /report/report.json
