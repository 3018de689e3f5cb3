# syntax=docker/dockerfile:1
FROM node:24-slim AS build
ENV CI=true
WORKDIR /src
RUN corepack enable
COPY . .
RUN --mount=type=cache,target=/root/.local/share/pnpm/store pnpm install --frozen-lockfile
RUN pnpm build
# Only what the bundle leaves outside itself: packages with native code or assets.
RUN pnpm --filter @trackable/server deploy --prod --legacy /out \
 && cp -r apps/server/dist /out/dist \
 && cp -r apps/web/dist /out/web

FROM node:24-slim
ENV NODE_ENV=production PORT=8080 HOST=0.0.0.0 DATA_DIR=/data WEB_DIR=/app/web
WORKDIR /app
COPY --from=build /out /app
# The embedded PostgreSQL keeps its files here when DATABASE_URL is not set.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js", "start"]
