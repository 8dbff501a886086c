# Builds and runs the gateway: docker build -t voicecarnival . &&
# docker run --rm -p 5080:5080 -e VoiceCarnival__Access__Authentication=off voicecarnival
# In a container everybody calls from another machine, so who may has to be chosen, or it does not start: off, or keys (README, "Who may call").
#
# The same by hand, without Docker, from the repository's root:
#   dotnet publish src/VoiceCarnival.Server -c Release -o /tmp/voicecarnival -p:UseAppHost=false
#   cd /tmp/voicecarnival && ASPNETCORE_HTTP_PORTS=5080 VoiceCarnival__Access__Authentication=off dotnet VoiceCarnival.Server.dll
# tests/run.sh does so on every run, as a user without rights.

# The output is not bound to a platform, so the build runs on the builder's own.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# 1. What restore reads, alone: this layer stays until a project file changes. tests/run.sh checks that no project is forgotten.
COPY src/Directory.Build.props src/Directory.Packages.props src/
COPY src/VoiceCarnival.Protocols/VoiceCarnival.Protocols.csproj src/VoiceCarnival.Protocols/
COPY src/VoiceCarnival.Audio/VoiceCarnival.Audio.csproj src/VoiceCarnival.Audio/
COPY src/VoiceCarnival.Sockets/VoiceCarnival.Sockets.csproj src/VoiceCarnival.Sockets/
COPY src/VoiceCarnival.WebSockets/VoiceCarnival.WebSockets.csproj src/VoiceCarnival.WebSockets/
COPY src/VoiceCarnival.Sessions/VoiceCarnival.Sessions.csproj src/VoiceCarnival.Sessions/
COPY src/VoiceCarnival.Speech/VoiceCarnival.Speech.csproj src/VoiceCarnival.Speech/
COPY src/VoiceCarnival.Engines/VoiceCarnival.Engines.csproj src/VoiceCarnival.Engines/
COPY src/VoiceCarnival.Transports/VoiceCarnival.Transports.csproj src/VoiceCarnival.Transports/
COPY src/VoiceCarnival.Server/VoiceCarnival.Server.csproj src/VoiceCarnival.Server/
RUN dotnet restore src/VoiceCarnival.Server

# 2. The rest. The .editorconfig is part of the build: warnings are errors.
COPY .editorconfig appsettings.json ./
COPY wwwroot wwwroot
COPY src src
RUN dotnet publish src/VoiceCarnival.Server -c Release -o /app -p:UseAppHost=false --no-restore

# Ubuntu 24.04, which 10.0 alone means as well; named, since the packages below are its own. Debian 12 and 13 have them under the same names.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
# Opus for calls; without it they use G.722 or G.711.
# PocketSphinx for transcripts of the local engine, espeak-ng for languages other than English; without them there are none. A smaller image: --build-arg SPEECH_PACKAGES=
ARG SPEECH_PACKAGES="libpocketsphinx3 pocketsphinx-en-us espeak-ng"
RUN apt-get update && apt-get install -y --no-install-recommends libopus0 $SPEECH_PACKAGES && rm -rf /var/lib/apt/lists/*
# Content root is the working directory: the page and appsettings.json lie in it.
WORKDIR /app
COPY --from=build /app ./
COPY LICENSE ./
USER $APP_UID
ENV ASPNETCORE_HTTP_PORTS=5080
# WebRTC media. From other machines: -p 5081:5081/udp -e VoiceCarnival__WebRtc__PublicAddress=<the address that they reach this one at>.
ENV VoiceCarnival__WebRtc__UdpPort=5081
EXPOSE 5080 5081/udp

# The image has bash but no curl. By hand: the text after -c, in a bash, with ASPNETCORE_HTTP_PORTS set.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${ASPNETCORE_HTTP_PORTS%%;*} && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r -t 4 version status reason <&3 && [ \"$status\" = 200 ]"]

ENTRYPOINT ["dotnet", "VoiceCarnival.Server.dll"]
