# GRN Studio as an image; docs/deploying.md says how to run it, and what of this was tried.
FROM python:3.11-slim AS build
# Where the CPU build of torch is; without it PyPI's brings CUDA's libraries. Empty: PyPI alone.
ARG PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
# Optional packages: a file of requirements beside requirements.txt, such as requirements-geneformer.txt.
ARG MORE=requirements.txt
WORKDIR /src
COPY requirements*.txt ./
RUN python -m venv /opt/grn-studio \
    && /opt/grn-studio/bin/python -m pip install --no-cache-dir -r requirements.txt -r "$MORE"
COPY pyproject.toml README.md LICENSE app.py ./
COPY .streamlit .streamlit
COPY assets assets
COPY pages pages
COPY grn_core grn_core
RUN /opt/grn-studio/bin/python -m pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
COPY --from=build /opt/grn-studio /opt/grn-studio
RUN groupadd --gid 10001 grn \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin grn \
    && install -d -o 10001 -g 10001 -m 0700 /data
# All that is ever written lies in /data; a login's secrets.toml in /data/.streamlit.
ENV PATH=/opt/grn-studio/bin:$PATH HOME=/data GRN_HOME=/data/grn-studio PYTHONDONTWRITEBYTECODE=1
VOLUME /data
WORKDIR /data
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["grn-studio"]
CMD ["app", "--address=0.0.0.0", "--port=8501", "--headless"]
