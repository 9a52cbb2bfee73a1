"""An agent that was made before a fork: each scenario in a process of its own, with workers that are really forked."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]


def run(script: str, folder: Path) -> str:
    """What `script` prints; PROMETHEUS_MULTIPROC_DIR is `folder`."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(script)],
        cwd=ROOT,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_agent_goes_on_in_a_child_that_does_nothing_for_it_and_has_a_name_of_its_own(tmp_path: Path) -> None:
    script = """
        import multiprocessing, os, time
        from advisor_agents import Agent, Bounds, metrics_page
        agent = Agent("shop", instance="pod-1", poll_seconds=0.05)
        agent.knob("a", read=lambda: float(os.getpid()), apply=print, bounds=Bounds(minimum=1, maximum=9))
        agent.start()
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
        child.start()
        own = f'knob_value{{app="shop",knob="a",pid="{child.pid}"}} {float(child.pid)}'
        deadline = time.monotonic() + 20
        while own not in (page := metrics_page().decode()) and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill(); child.join()
        assert own in page, page
        assert f'info{{app="shop",name="pod-1:{child.pid}",pid="{child.pid}"}} 1.0' in page, page
        assert f'info{{app="shop",name="pod-1",pid="{child.pid}"}} 0.0' in page, page
        assert f'info{{app="shop",name="pod-1",pid="{os.getpid()}"}} 1.0' in page, page
    """
    run(script, tmp_path)


def test_a_process_that_makes_an_agent_and_leaves_the_start_to_its_children_is_not_counted(tmp_path: Path) -> None:
    """As gunicorn's master with `preload_app`: it serves nothing, and no value waits for it."""
    script = """
        import os
        from advisor_agents import Agent, Bounds, metrics_page
        agent = Agent("shop", instance="pod-1")
        agent.knob("a", read=lambda: 1.0, apply=print, bounds=Bounds(minimum=1, maximum=9))
        pid = os.fork()
        if pid == 0:
            agent.start()
            page = metrics_page().decode()
            os._exit(0 if page.count("advisor_agent_info{") == 1 and f'name="pod-1:{os.getpid()}"' in page else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    """
    run(script, tmp_path)


def test_forks_amid_polls_never_dead_lock_a_child(tmp_path: Path) -> None:
    """80 forks while the agent writes its gauges without a pause: each child polls, which takes every lock there is."""
    script = """
        import os, time
        from advisor_agents import Agent, Bounds
        agent = Agent("shop", poll_seconds=0.0001)
        for name in "abcdef":
            agent.knob(name, read=lambda: 1.0, apply=print, bounds=Bounds(minimum=1, maximum=9))
        agent.start()
        for _ in range(80):
            pid = os.fork()
            if pid == 0:
                agent.stop(); agent.poll()
                os._exit(0)
            deadline = time.monotonic() + 15
            while os.waitpid(pid, os.WNOHANG)[0] == 0:
                if time.monotonic() > deadline:
                    os.kill(pid, 9)
                    raise SystemExit("a child hangs")
                time.sleep(0.001)
        agent.stop()
    """
    run(script, tmp_path)


def test_a_lock_that_another_thread_held_is_free_in_the_child_and_a_step_that_hangs_does_not_hold_the_fork_up(
    tmp_path: Path,
) -> None:
    script = """
        import os, threading, time
        from advisor_agents import Agent, Bounds
        class SlowKey(str):
            def __eq__(self, other): entered.set(); time.sleep(60); return False
            __hash__ = str.__hash__
        entered = threading.Event()
        agent = Agent("shop", poll_seconds=0.05, step_seconds=0.2)
        cache = agent.cache("users", ttl_seconds=60, max_items=10)
        cache.l1.put("k", 1)
        threading.Thread(target=lambda: cache.l1.get(SlowKey("k")), daemon=True).start()
        entered.wait(10)  # inside, with the lock of the tier
        agent.knob("hangs", read=lambda: time.sleep(60) or 1.0, apply=print, bounds=Bounds(minimum=1, maximum=9))
        agent.start()
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            ok = cache.l1.get("k") == (1,)
            os._exit(0 if ok and time.monotonic() - began < 10 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    """
    run(script, tmp_path)


def test_a_child_never_closes_a_connection_of_its_parent(tmp_path: Path) -> None:
    """The pool shrinks in a child that did not dispose of it: its idle connections are the parent's, too."""
    script = """
        import os, sqlite3
        from sqlalchemy import create_engine
        from sqlalchemy.pool import QueuePool
        from advisor_agents.instruments import instruments
        from advisor_agents import Agent
        from advisor_agents.pool import PoolAgent
        closed = []
        class Told(sqlite3.Connection):
            def close(self):
                closed.append(os.getpid()); super().close()
        def connect():
            return sqlite3.connect(":memory:", check_same_thread=False, factory=Told)
        engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=4, max_overflow=0)
        pool = PoolAgent(engine, instruments(), "shop", "main")
        held = [engine.connect() for _ in range(4)]
        for one in held:
            one.close()
        del held, one
        pid = os.fork()
        if pid == 0:
            pool.renew()
            {knob.name: knob for knob in pool.knobs({})}["db.pool_size"].apply(2)
            os._exit(0 if engine.pool.size() == 2 and not closed else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert engine.pool.size() == 4 and engine.pool.checkedin() == 4
        engine.dispose()
    """
    run(script, tmp_path)


def test_a_child_that_only_runs_another_program_shows_nothing(tmp_path: Path) -> None:
    script = """
        import os, subprocess
        from pathlib import Path
        from advisor_agents import Agent
        agent = Agent("shop", poll_seconds=0.5)
        agent.start()
        subprocess.run(["true"], preexec_fn=os.getpid, check=True)
        agent.stop()
        pids = {path.stem.rsplit("_", 1)[-1] for path in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db")}
        assert pids == {str(os.getpid())}, pids
    """
    run(script, tmp_path)


def test_the_page_is_whole_while_a_worker_that_begins_has_an_empty_file_yet(tmp_path: Path) -> None:
    script = """
        import os, threading, time
        from pathlib import Path
        from advisor_agents import Agent, metrics_page
        agent = Agent("shop", instance="pod-1")
        agent.poll()
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        beginning = folder / f"counter_{os.getpid() + 1}.db"
        beginning.touch()  # as `open` leaves it, before its size is set
        threading.Timer(0.05, lambda: os.truncate(beginning, 1 << 16)).start()
        assert 'name="pod-1"' in metrics_page().decode()
    """
    run(script, tmp_path)
