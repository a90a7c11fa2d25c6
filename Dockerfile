# docker build -t siemglot . && docker run --rm -v "$PWD:/work" siemglot build
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY converter converter
COPY backends backends
RUN python -m venv /siemglot && /siemglot/bin/pip install --no-cache-dir . && /siemglot/bin/python -m compileall -q /siemglot

FROM python:3.13-slim
COPY --from=build /siemglot /siemglot
ENV PATH="/siemglot/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
RUN useradd --create-home siemglot
USER siemglot
WORKDIR /work
ENTRYPOINT ["siemglot"]
CMD ["--help"]
