// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Loaded before the C library, it answers for the name `server.example` as the file NAME_BOOK says: with an address, not
// at all (`unknown`), or never as long as the file says so (`silent`). All other names it leaves to the system.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int says(const char *path, char *line, int size) {
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    int is_read = fgets(line, size, file) != 0;
    fclose(file);
    if (is_read) line[strcspn(line, "\n")] = 0;
    return is_read;
}

int getaddrinfo(
    const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
    struct addrinfo **restrict result) {
    lookup *system = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *path = getenv("NAME_BOOK");
    if (!node || strcmp(node, "server.example") || !path) return system(node, service, hints, result);
    char line[64] = "";
    while (says(path, line, sizeof line) && !strcmp(line, "silent")) usleep(20000);
    if (!*line || !strcmp(line, "unknown")) return EAI_NONAME;
    return system(line, service, hints, result);
}
