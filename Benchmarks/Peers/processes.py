# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Other programs: none of them outlives this one, whether it ends, is interrupted or is killed."""

import os
import signal
import socket
import subprocess
import tempfile
import time

# The standard input of all of them. It ends when this process is gone, for only this one has the other end.
LIFELINE, _other_end = os.pipe()
# Seconds after which a program is taken for one that hangs.
LIMIT = 900


class Failure(Exception):
    """Why a program did not do what it was started for."""


def end(process):
    """Kills the program and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def run(command):
    """What the program prints, when it ends well."""
    try:
        process = subprocess.Popen(
            command, stdin=LIFELINE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
    except OSError as error:
        raise Failure(f"could not start {command[0]}: {error.strerror}") from None
    try:
        output, errors = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise Failure(f"came to no end within {LIMIT} seconds") from None
    finally:
        end(process)
    if process.returncode != 0:
        lines = [line for line in errors.splitlines() if line.strip()]
        raise Failure(lines[-1] if lines else f"ended with {process.returncode} and said nothing")
    return output


class Server:
    """A redis-server of our own: on a free port, without persistence, in a folder that goes with it."""

    # A shell becomes the server. It leaves behind who waits for the end of the lifeline, since the server does not.
    SCRIPT = """
        exec 3<&0
        { cat <&3 > /dev/null; kill -9 $$; rm -rf "$0"; } 2> /dev/null &
        exec redis-server "$@" > /dev/null 2>&1 3<&-
        """

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bench-peers-")
        self.port = free_port()
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder.name]
        self.process = subprocess.Popen(
            ["sh", "-c", self.SCRIPT, self.folder.name, *options, "--save", "", "--appendonly", "no"],
            stdin=LIFELINE, start_new_session=True,
        )
        try:
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        end(self.process)
        self.folder.cleanup()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self, *words):
        return run(["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *words]).strip()

    def wait(self):
        for _ in range(200):
            try:
                if self.command("PING") == "PONG":
                    return
            except Failure:
                time.sleep(0.05)
        raise Failure("redis-server does not answer; 'make deps' installs it")


def free_port():
    """A port that nobody listens to, never the one of a server that may matter to somebody."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            if (port := probe.getsockname()[1]) != 6379:
                return port
