// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One thread is blocked in XREADGROUP, another one publishes. A latency goes from just before the XADD to the return of
// the read. The stream is idle, so that a message is published when nothing has happened for a millisecond, or it has a
// load, of which each millisecond's messages are one batch.

#include "yardstick.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    const Plan *plan;
    // One more than the plan has: the first message finds a reader that is not blocked yet, and is left out.
    size_t messages;
    // When each message was published and read; the order is the same.
    double *departures;
    double *arrivals;
    atomic_size_t read;
} Course;

static void *read_all(void *argument) {
    Course *course = argument;
    redisContext *server = open_connection(course->plan);
    const char **parts = memory_for(course->plan->batch + 3, sizeof *parts);
    size_t *lengths = memory_for(course->plan->batch + 3, sizeof *lengths);
    char limit[24];
    snprintf(limit, sizeof limit, "%zu", course->plan->batch);
    for (size_t done = 0; done < course->messages;) {
        redisAppendCommand(server, "XREADGROUP GROUP billing yardstick COUNT %s BLOCK 0 STREAMS orders >", limit);
        redisReply *reply = next_reply(server);
        double now = seconds_now();
        redisReply *entries = entries_of(reply);
        for (size_t i = 0; i < entries->elements; i++) course->arrivals[done + i] = now;
        done += entries->elements;
        append_ack(server, entries, parts, lengths);
        skip_reply(server);
        freeReplyObject(reply);
        atomic_store(&course->read, done);
    }
    free(parts);
    free(lengths);
    redisFree(server);
    return NULL;
}

static void pause_a_millisecond(void) {
    const struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
}

// Waits for a moment, and until that many messages were read, so that the next read is blocked again.
static void wait_for_quiet(Course *course, size_t messages) {
    do {
        pause_a_millisecond();
    } while (atomic_load(&course->read) < messages);
}

static void publish(redisContext *server, Course *course, size_t first, size_t end, const char *body) {
    double now = seconds_now();
    for (size_t i = first; i < end; i++) {
        course->departures[i] = now;
        redisAppendCommand(server, "XADD orders * data %b", body, course->plan->bytes);
    }
    for (size_t i = first; i < end; i++) skip_reply(server);
}

static void publish_when_idle(redisContext *server, Course *course, const char *body) {
    for (size_t i = 1; i < course->messages; i++) {
        wait_for_quiet(course, i);
        publish(server, course, i, i + 1, body);
    }
}

static void publish_at_rate(redisContext *server, Course *course, const char *body) {
    wait_for_quiet(course, 1);
    double began = seconds_now();
    for (size_t done = 1; done < course->messages;) {
        pause_a_millisecond();
        size_t due = 1 + (size_t)((seconds_now() - began) * (double)course->plan->rate);
        if (due > course->messages) due = course->messages;
        publish(server, course, done, due, body);
        done = due;
    }
}

static int compare(const void *one, const void *other) {
    double first = *(const double *)one, second = *(const double *)other;
    return (first > second) - (first < second);
}

static Latency latency_of(const Course *course) {
    size_t count = course->plan->messages;
    double seconds = course->arrivals[count] - course->departures[1];
    double *latencies = memory_for(count, sizeof(double));
    for (size_t i = 0; i < count; i++) latencies[i] = (course->arrivals[i + 1] - course->departures[i + 1]) * 1e6;
    qsort(latencies, count, sizeof(double), compare);
    Latency latency = {
        .p50 = latencies[count / 2],
        .p99 = latencies[(size_t)((double)count * 0.99)],
        .messages_per_second = (double)count / seconds,
    };
    free(latencies);
    return latency;
}

Latency measure_latency(redisContext *server, const Plan *plan) {
    prepare(server);
    Course course = {.plan = plan, .messages = plan->messages + 1};
    course.departures = memory_for(course.messages, sizeof(double));
    course.arrivals = memory_for(course.messages, sizeof(double));
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_all, &course) != 0) fail("latency", "there is no thread to read in");
    char *body = make_body(plan);
    publish(server, &course, 0, 1, body);
    if (plan->rate == 0) {
        publish_when_idle(server, &course, body);
    } else {
        publish_at_rate(server, &course, body);
    }
    pthread_join(thread, NULL);
    Latency latency = latency_of(&course);
    free(body);
    free(course.departures);
    free(course.arrivals);
    return latency;
}
