from gateway.limits import CLIENTS_MAX, RateLimiter


class Timer:
    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_client_may_make_a_seconds_worth_at_once_and_then_waits_for_the_next() -> None:
    limiter = RateLimiter(10, timer=Timer())

    waits = [limiter.seconds_to_wait("erp") for _ in range(11)]

    assert waits == [0.0] * 10 + [0.1]


def test_the_pace_is_kept_over_time() -> None:
    timer = Timer()
    limiter = RateLimiter(10, timer=timer)
    allowed = 0
    for _ in range(1_000):
        timer.at += 0.01
        allowed += limiter.seconds_to_wait("erp") == 0.0

    assert allowed in range(105, 112)


def test_a_refused_request_costs_nothing() -> None:
    timer = Timer()
    limiter = RateLimiter(1, timer=timer)
    limiter.seconds_to_wait("erp")
    for _ in range(100):
        limiter.seconds_to_wait("erp")
    timer.at += 1.0

    assert limiter.seconds_to_wait("erp") == 0.0


def test_one_client_does_not_slow_another() -> None:
    limiter = RateLimiter(1, timer=Timer())
    limiter.seconds_to_wait("erp")

    assert limiter.seconds_to_wait("erp") > 0
    assert limiter.seconds_to_wait("collector") == 0.0


def test_the_memory_is_bounded_however_many_clients_there_are() -> None:
    limiter = RateLimiter(1, timer=Timer())
    for number in range(CLIENTS_MAX + 100):
        limiter.seconds_to_wait(f"client {number}")

    assert len(limiter._buckets) == CLIENTS_MAX
