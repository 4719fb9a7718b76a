"""How every feature is spoken of, in English and Korean: family, unit, role and a phrase by base name.

A phrase is a noun phrase that fits "{phrase}: {value} (usually {usual})".
"""

from __future__ import annotations

from typing import NamedTuple

from haechi.events.wording import with_particle

__all__ = ["Wording", "entity_words", "wording"]


class Wording(NamedTuple):
    """What a base name means."""

    family: str
    unit: str
    role: str
    en: str
    ko: str


ENTITIES = {
    "customer": "고객", "account": "계좌", "card": "카드", "device": "기기", "payee": "받는 계좌", "merchant": "가맹점",
    "ip": "IP 주소", "source": "보내는 쪽", "target": "받는 쪽", "location": "지역", "terminal": "단말기",
    "peers": "또래 집단", "home": "거주지", "kind": "거래 종류", "channel": "거래 경로", "merchant_category": "업종",
    "country": "국가", "method": "인증 방법", "result": "결과", "segment": "고객군", "risk": "위험도", "duration_s": "길이",
}  # fmt: skip
ENGLISH = {
    "peers": "customer's peer group",
    "kind": "kind of event",
    "merchant_category": "kind of shop",
    "duration_s": "duration",
}
L, C = "level", "contrast"
# {e}: the entity, {o}: the other entity of a pair, {w}: the window.
TABLE = {
    "amount": Wording("raw", "money", C, "amount", "금액"),
    "amount_cents": Wording("raw", "number", C, "last digits of the amount", "금액의 끝자리"),
    "hour": Wording("raw", "hour", C, "time of day", "거래 시각"),
    "weekday": Wording("raw", "weekday", C, "day of the week", "요일"),
    "events": Wording("count", "count", L, "events of this {e} so far", "이 {e}의 지금까지 거래 수"),
    "gap_s": Wording("count", "seconds", C, "time since the previous event of this {e}", "이 {e}의 직전 거래 후 지난 시간"),
    "age_s": Wording("count", "seconds", L, "time since this {e} was first seen", "이 {e}를 처음 본 뒤 지난 시간"),
    "mean_all": Wording("agg", "money", L, "average amount of this {e}", "이 {e}의 평균 금액"),
    "std_all": Wording("agg", "money", L, "spread of the amounts of this {e}", "이 {e}의 금액 편차"),
    "z_all": Wording("own", "sd", C, "amount against the whole history of this {e}", "이 {e}의 전체 이력 대비 금액"),
    "ratio_all": Wording("own", "ratio", C, "amount against the average of this {e}", "이 {e}의 평균 대비 금액"),
    "ratio_max": Wording("own", "ratio", C, "amount against the largest of this {e}", "이 {e}의 최대 금액 대비 금액"),
    "mean_last5": Wording("agg", "money", L, "running average of about 5 amounts of this {e}", "이 {e}의 최근 5건가량 평균 금액"),
    "mean_last20": Wording(
        "agg", "money", L, "running average of about 20 amounts of this {e}",
        "이 {e}의 최근 20건가량 평균 금액",
    ),
    "count": Wording("count", "count", C, "events of this {e} within {w}", "{w} 동안 이 {e}의 거래 수"),
    "sum": Wording("agg", "money", C, "total amount of this {e} within {w}", "{w} 동안 이 {e}의 합계 금액"),
    "mean": Wording("agg", "money", L, "average amount of this {e} within {w}", "{w} 동안 이 {e}의 평균 금액"),
    "std": Wording("agg", "money", L, "spread of the amounts of this {e} within {w}", "{w} 동안 이 {e}의 금액 편차"),
    "max": Wording("agg", "money", L, "largest amount of this {e} within {w}", "{w} 동안 이 {e}의 최대 금액"),
    "z": Wording("own", "sd", C, "amount against this {e}'s last {w}", "{w} 이력 대비 이 {e}의 금액"),
    "ratio": Wording("own", "ratio", C, "amount against this {e}'s average over {w}", "이 {e}의 {w} 평균 대비 금액"),
    "rate": Wording("count", "count", C, "events of this {e} over {w}", "{w} 기준 이 {e}의 거래 빈도"),
    "flow": Wording("agg", "money", C, "money moved by this {e} over {w}", "{w} 기준 이 {e}의 금액 흐름"),
    "rank50": Wording(
        "own", "share", C, "share of the last 50 amounts of this {e} below this one",
        "이 {e}의 최근 50건 중 이보다 작은 금액의 비율",
    ),
    "same50": Wording("own", "count", C, "equal amounts among the last 50 of this {e}", "이 {e}의 최근 50건 중 같은 금액의 수"),
    "median50": Wording("agg", "money", L, "usual amount of this {e}", "이 {e}의 평소 금액"),
    "ratio_median50": Wording("own", "ratio", C, "amount against the usual amount of this {e}", "이 {e}의 평소 금액 대비 금액"),
    "robust_z50": Wording("own", "sd", C, "amount against the usual range of this {e}", "이 {e}의 평소 범위 대비 금액"),
    "ratio_q90_50": Wording("own", "ratio", C, "amount against the large amounts of this {e}", "이 {e}의 큰 거래 금액 대비 금액"),
    "ratio_last": Wording("own", "ratio", C, "amount against the last amount of this {e}", "이 {e}의 직전 금액 대비 금액"),
    "large_of_last20": Wording(
        "own", "count", C, "unusually large ones among the last 20 of this {e}",
        "이 {e}의 최근 20건 중 유난히 큰 거래 수",
    ),
    "gap5_s": Wording("count", "seconds", C, "time that the last 5 events of this {e} took", "이 {e}의 최근 5건에 걸린 시간"),
    "hour_share": Wording("hour", "share", C, "how often this {e} is active at this hour", "이 {e}가 이 시간대에 거래하는 비율"),
    "hour3_share": Wording("hour", "share", C, "how often this {e} is active around this hour", "이 {e}가 이 무렵에 거래하는 비율"),
    "weekday_share": Wording(
        "hour", "share", C, "how often this {e} is active on this weekday",
        "이 {e}가 이 요일에 거래하는 비율",
    ),
    "km": Wording("place", "km", C, "distance from the last place of this {e}", "이 {e}의 직전 위치와의 거리"),
    "km_per_hour": Wording("place", "km/h", C, "speed since the last place of this {e}", "이 {e}의 직전 위치부터의 이동 속도"),
    "seen": Wording("pair", "count", C, "earlier events of this {e} with this {o}", "이 {e}가 이 {o}와 거래한 횟수"),
    "share": Wording("pair", "share", C, "part of this {e}'s events that were with this {o}", "이 {e}의 거래 중 이 {o}의 비율"),
    "gap_days": Wording(
        "pair", "days", C, "time since this {e} last dealt with this {o}",
        "이 {e}가 이 {o}와 마지막으로 거래한 뒤 지난 시간",
    ),
    "new": Wording("pair", "flag", C, "first time this {e} meets this {o}", "이 {e}와 이 {o}의 첫 거래"),
    "new_of_last20": Wording(
        "pair", "count", C, "first-time {o} among the last 20 of this {e}",
        "이 {e}의 최근 20건 중 처음 만난 {o} 수",
    ),
    "distinct_1d": Wording("pair", "count", C, "different {o} of this {e} within a day", "하루 동안 이 {e}가 만난 서로 다른 {o} 수"),
    "distinct_7d": Wording(
        "pair", "count", C, "different {o} of this {e} within 7 days",
        "7일 동안 이 {e}가 만난 서로 다른 {o} 수",
    ),
    "distinct_30d": Wording(
        "pair", "count", C, "different {o} of this {e} within 30 days",
        "30일 동안 이 {e}가 만난 서로 다른 {o} 수",
    ),
    "crowd_z5": Wording(
        "crowd", "sd", C, "how unusual the last 5 amounts at this {e} were for their payers",
        "이 {e}에서 최근 5건이 결제자 평소와 다른 정도",
    ),
    "crowd_z20": Wording(
        "crowd", "sd", C, "how unusual the last 20 amounts at this {e} were for their payers",
        "이 {e}에서 최근 20건이 결제자 평소와 다른 정도",
    ),
    "crowd_large20": Wording(
        "crowd", "share", C, "share of unusually large ones among the last 20 at this {e}",
        "이 {e}의 최근 20건 중 유난히 큰 거래의 비율",
    ),
    "crowd_new20": Wording(
        "crowd", "share", C, "share of newcomers among the last 20 at this {e}",
        "이 {e}의 최근 20건 중 처음 온 고객의 비율",
    ),
    "crowd_z_short": Wording(
        "crowd", "sd", C, "how unusual today's amounts at this {e} are for their payers",
        "오늘 이 {e}의 금액이 결제자 평소와 다른 정도",
    ),
    "crowd_large_short": Wording(
        "crowd", "share", C, "share of unusually large amounts at this {e} today",
        "오늘 이 {e}에서 유난히 큰 거래의 비율",
    ),
    "crowd_z_long": Wording(
        "crowd", "sd", C, "how unusual this week's amounts at this {e} are for their payers",
        "이번 주 이 {e}의 금액이 결제자 평소와 다른 정도",
    ),
    "crowd_large_long": Wording(
        "crowd", "share", C, "share of unusually large amounts at this {e} this week",
        "이번 주 이 {e}에서 유난히 큰 거래의 비율",
    ),
    "subjects_met": Wording("crowd", "count", L, "different customers that this {e} ever met", "이 {e}를 이용한 서로 다른 고객 수"),
    "subjects_2d": Wording(
        "crowd", "count", C, "different customers at this {e} within two days",
        "이틀 동안 이 {e}를 이용한 서로 다른 고객 수",
    ),
    "frauds": Wording("label", "count", C, "frauds confirmed at this {e} within {w}", "{w} 동안 이 {e}에서 확인된 사기 수"),
    "unexplained": Wording(
        "label", "number", C, "confirmed frauds at this {e} within {w} that were nothing unusual for the customer",
        "{w} 동안 이 {e}에서 고객의 평소와 다르지 않았던 확인 사기",
    ),
    "fraud_rate": Wording(
        "label", "share", C, "share of confirmed frauds at this {e} over {w}",
        "{w} 기준 이 {e}의 확인 사기 비율",
    ),
    "fraud_rate_shrunk": Wording(
        "label", "share", C, "estimated share of frauds at this {e} over {w}",
        "{w} 기준 이 {e}의 추정 사기 비율",
    ),
    "frauds_all": Wording("label", "count", C, "frauds ever confirmed at this {e}", "이 {e}에서 확인된 전체 사기 수"),
    "fraud_rate_all_shrunk": Wording(
        "label", "share", C, "estimated share of frauds at this {e} so far",
        "이 {e}의 지금까지 추정 사기 비율",
    ),
    "unexplained_all": Wording(
        "label", "number", C, "confirmed frauds at this {e} that were nothing unusual for the customer",
        "이 {e}에서 고객의 평소와 다르지 않았던 확인 사기",
    ),
    "fraud_gap_s": Wording(
        "label", "seconds", C, "time since the last confirmed fraud at this {e}",
        "이 {e}의 마지막 확인 사기 후 지난 시간",
    ),
    "fraud_run": Wording("label", "count", C, "confirmed frauds in a row at this {e}", "이 {e}에서 연속 확인된 사기 수"),
    "fraud_run_age_s": Wording(
        "label", "seconds", C, "age of the run of confirmed frauds at this {e}",
        "이 {e}의 연속 사기가 시작된 뒤 지난 시간",
    ),
    "last_label": Wording(
        "label", "flag", C, "whether the last known event at this {e} was fraud",
        "이 {e}에서 마지막으로 확인된 거래의 사기 여부",
    ),
    "label_running_mean": Wording(
        "label", "share", C, "recent share of confirmed frauds at this {e}",
        "이 {e}의 최근 확인 사기 비율",
    ),
    "good_gap_s": Wording(
        "label", "seconds", C, "time since the last confirmed good event at this {e}",
        "이 {e}의 마지막 정상 확인 후 지난 시간",
    ),
    "unexplained_gap_s": Wording(
        "label", "seconds", C, "time since a confirmed fraud at this {e} that was nothing unusual for the customer",
        "이 {e}에서 습관과 어긋나지 않은 확인 사기 후 지난 시간",
    ),
    "fraud_run_unexplained": Wording(
        "label", "number", C, "confirmed frauds in a row at this {e} that were nothing unusual for the customers",
        "이 {e}에서 습관과 어긋나지 않은 연속 확인 사기",
    ),
    "labels_known": Wording("label", "count", L, "known outcomes at this {e}", "이 {e}의 확인된 거래 수"),
    "surprise_hour": Wording(
        "behaviour", "number", C, "how unusual for this {e}: time of day (in bits)",
        "이 {e}에게 드문 정도: 거래 시각(비트)",
    ),
    "surprise_amount": Wording(
        "behaviour", "number", C, "how unusual for this {e}: amount (in bits)",
        "이 {e}에게 드문 정도: 금액(비트)",
    ),
    "surprise_small": Wording(
        "behaviour", "number", C, "how unusual for this {e}: smallness of the amount (in bits)",
        "이 {e}에게 드문 정도: 금액이 작은 정도(비트)",
    ),
    "surprise_category": Wording(
        "behaviour", "number", C, "how unusual for this {e}: kind of shop (in bits)",
        "이 {e}에게 드문 정도: 업종(비트)",
    ),
    "surprise_gap": Wording(
        "behaviour", "number", C, "how unusual for this {e}: time since the last event (in bits)",
        "이 {e}에게 드문 정도: 직전 거래와의 간격(비트)",
    ),
    "surprise_tempo": Wording(
        "behaviour", "number", C, "how unusual for this {e}: pace of the last five events (in bits)",
        "이 {e}에게 드문 정도: 최근 5건의 거래 간격(비트)",
    ),
    "surprise_party": Wording(
        "behaviour", "number", C, "how unusual for this {e}: merchant or payee (in bits)",
        "이 {e}에게 드문 정도: 거래 상대(비트)",
    ),
    "surprise_place": Wording(
        "behaviour", "number", C, "how unusual for this {e}: place (in bits)",
        "이 {e}에게 드문 정도: 장소(비트)",
    ),
    "surprise_travel": Wording(
        "behaviour", "number", C, "how unusual for this {e}: travel since the last place (in bits)",
        "이 {e}에게 드문 정도: 직전 위치에서의 이동(비트)",
    ),
    "surprise_device": Wording(
        "behaviour", "number", C, "how unusual for this {e}: device (in bits)",
        "이 {e}에게 드문 정도: 기기(비트)",
    ),
    "surprise_outflow": Wording(
        "behaviour", "number", C, "how unusual what goes to new payees is", "새로운 수취 계좌로 보낸 금액이 얼마나 드문지"
    ),
    "surprise_heard": Wording(
        "behaviour", "number", C, "how unusual for a transfer of this {e}: what was heard before (in bits)",
        "이 {e}의 이체로서 드문 정도: 직전에 받은 통화나 문자(비트)",
    ),
    "surprise_passed": Wording(
        "behaviour", "number", C, "how unusual for this {e}: how much of what came in leaves how soon (in bits)",
        "이 {e}에게 드문 정도: 들어온 돈이 나가는 속도와 비율(비트)",
    ),
    "surprise_drain": Wording(
        "behaviour", "number", C, "how unusual payments to new payees are among peers", "새로운 수취 계좌로의 송금이 얼마나 드문지"
    ),
    "surprise_habit": Wording(
        "behaviour", "number", C, "how unusual for this {e}: time of day and amount together (in bits)",
        "이 {e}에게 드문 정도: 시각과 금액(비트)",
    ),
    "surprise_counterpart": Wording(
        "behaviour", "number", C, "how unusual for this {e}: counterpart and device together (in bits)",
        "이 {e}에게 드문 정도: 거래 상대와 기기(비트)",
    ),
    "surprise_burst": Wording(
        "behaviour", "number", C, "how unusual for this {e}: pace and small amounts together (in bits)",
        "이 {e}에게 드문 정도: 거래 간격과 소액(비트)",
    ),
    "surprise_all": Wording(
        "behaviour", "number", C, "how unusual for this {e}: everything together (in bits)",
        "이 {e}에게 드문 정도: 전체(비트)",
    ),
    "surprise_run": Wording(
        "behaviour", "number", C, "how unusual for this {e}: everything together, with the last hours (in bits)",
        "이 {e}에게 드문 정도: 최근 몇 시간을 포함한 전체(비트)",
    ),
    "surprise_heat": Wording(
        "behaviour", "number", C, "how unusual for this {e}: what was unusual in the last hours (in bits)",
        "이 {e}에게 드문 정도: 최근 몇 시간의 이상 정도(비트)",
    ),
    "day_class": Wording("behaviour", "code", L, "calendar class of the day", "날의 종류"),
    "history": Wording(
        "behaviour", "count", L, "events of this {e} that habits were learned from",
        "습관을 익힌 이 {e}의 거래 수",
    ),
    "class_history": Wording("behaviour", "number", L, "of these on such days", "그중 같은 종류의 날 거래"),
    "hours_from": Wording(
        "behaviour", "hour", L, "usual hours of this {e} on such days, from",
        "이런 날 이 {e}의 평소 거래 시작 시각",
    ),
    "hours_to": Wording("behaviour", "hour", L, "usual hours of this {e} on such days, to", "이런 날 이 {e}의 평소 거래 끝 시각"),
    "amount_low": Wording("behaviour", "money", L, "usual amount of this {e} here, from", "여기서 이 {e}의 평소 금액 하한"),
    "amount_high": Wording("behaviour", "money", L, "usual amount of this {e} here, to", "여기서 이 {e}의 평소 금액 상한"),
    "gap_low_s": Wording(
        "behaviour", "seconds", L, "usual time between events of this {e}, from",
        "이 {e}의 평소 거래 간격 하한",
    ),
    "gap_high_s": Wording(
        "behaviour", "seconds", L, "usual time between events of this {e}, to",
        "이 {e}의 평소 거래 간격 상한",
    ),
    "last5_s": Wording("behaviour", "seconds", C, "time that five events of this {e} took", "이 {e}의 5건에 걸린 시간"),
    "tempo_low_s": Wording(
        "behaviour", "seconds", L, "usual time that five events of this {e} take, from",
        "이 {e}의 5건에 평소 걸리는 시간 하한",
    ),
    "tempo_high_s": Wording(
        "behaviour", "seconds", L, "usual time that five events of this {e} take, to",
        "이 {e}의 5건에 평소 걸리는 시간 상한",
    ),
    "device_age_s": Wording("behaviour", "seconds", C, "time since this device was first seen", "이 기기를 처음 본 뒤 지난 시간"),
    "party_known": Wording("behaviour", "flag", C, "this merchant or payee is known to this {e}", "이 {e}가 아는 거래 상대"),
    "place_known": Wording("behaviour", "flag", C, "this place is known to this {e}", "이 {e}가 아는 장소"),
    "device_known": Wording("behaviour", "flag", C, "this device is known to this {e}", "이 {e}가 쓰던 기기"),
    "odd_gap_s": Wording(
        "behaviour", "seconds", C, "time since the last unusual event of this {e}",
        "이 {e}의 마지막 이상 거래 뒤 지난 시간",
    ),
    "odd_kind": Wording("behaviour", "code", L, "what was unusual then", "그때 이상했던 점"),
    "direction": Wording("behaviour", "code", L, "purchase, transfer or neither", "결제, 이체, 기타 구분"),
    "sent_fresh": Wording("behaviour", "money", C, "what went to new payees within days", "며칠 사이 새 계좌로 보낸 금액"),
    "heard_risk": Wording("behaviour", "share", C, "risk of the call or message before", "직전 통화나 문자의 위험도"),
    "heard_gap_s": Wording("behaviour", "seconds", C, "time since that call or message", "그 통화나 문자 뒤 지난 시간"),
    "heard_kind": Wording("behaviour", "code", L, "call or message", "통화, 문자 구분"),
    "came_in": Wording("behaviour", "money", C, "what came in of late", "최근 입금액"),
    "came_s": Wording("behaviour", "seconds", C, "time since money came in", "입금 뒤 지난 시간"),
    "passed_share": Wording("behaviour", "share", C, "share of what came in that is gone", "입금액 중 나간 비율"),
    "passed_usual": Wording(
        "behaviour", "share", L, "share of what comes in that usually leaves within two hours",
        "입금 뒤 2시간 안에 보통 나가는 비율",
    ),
    "came_from_new": Wording(
        "behaviour", "flag", C, "money came in from a sender new to this {e}", "이 {e}에게 처음 입금한 상대"
    ),
    "limit_gap_s": Wording("behaviour", "seconds", C, "time since the limit was changed", "한도를 바꾼 뒤 지난 시간"),
    "party_days": Wording(
        "behaviour", "days", C, "days since this merchant or payee was first paid", "이 상대와 처음 거래한 뒤 지난 날"
    ),
    "school_habit": Wording(
        "behaviour", "number", C, "how unusual for this pupil on a school day: hour and amount together (in bits)",
        "등교일에 이 학생에게 드문 정도: 시각과 금액(비트)",
    ),
    "school_hour": Wording(
        "behaviour", "number", C, "how unusual for this pupil on a school day: time of day (in bits)",
        "등교일에 이 학생에게 드문 정도: 시각(비트)",
    ),
    "school_amount": Wording(
        "behaviour", "number", C, "how unusual for this pupil on a school day: amount (in bits)",
        "등교일에 이 학생에게 드문 정도: 금액(비트)",
    ),
    "new_for_category": Wording(
        "behaviour", "number", C, "a shop new to this {e}, in a category where it usually has its own (in bits)",
        "이 {e}에게 단골이 있는 업종에서 처음 보는 가맹점인 정도(비트)",
    ),
    "strangers": Wording(
        "behaviour", "number", C, "shops new to this {e}, one after the other at counters (in bits)",
        "이 {e}에게 처음 보는 매장이 잇달아 나온 정도(비트)",
    ),
    "learned_weight": Wording("behaviour", "share", L, "how much of this event habits learn", "이 거래를 습관으로 배우는 비율"),
    "number": Wording("raw", "number", C, "{e}", "{e}"),
    "code": Wording("raw", "code", C, "{e}", "{e}"),
    "overall_share": Wording("raw", "share", L, "share of this {e} among all events", "전체 거래 중 이 {e}의 비율"),
    "age_years": Wording("attribute", "years", L, "age", "나이"),
    "attribute": Wording("attribute", "code", L, "{e}", "{e}"),
}  # fmt: skip

# A Korean particle follows the sound before it.
_PARTICLES = {"가": "이/가", "를": "을/를", "와": "과/와"}
_SPANS_EN = {"5m": "5 minutes", "1h": "an hour", "1d": "a day", "7d": "7 days", "30d": "30 days"}
_SPANS_KO = {"5m": "5분", "1h": "1시간", "1d": "하루", "7d": "7일", "30d": "30일"}


def entity_words(name: str) -> dict[str, str]:
    """Name an entity in both languages; a name of the user's own stays as it is."""
    plain = name.replace("_", " ")
    return {"en": ENGLISH.get(name, plain), "ko": ENTITIES.get(name, plain)}


def wording(base: str, entity: str = "", other: str = "", window: str = "") -> tuple[Wording, dict[str, str]]:
    """Look up what a base name means and phrase it for an entity, another one and a window."""
    words = TABLE[base]
    e, o = entity_words(entity), entity_words(other)
    en = words.en.format(e=e["en"], o=o["en"], w=_SPANS_EN.get(window, f"{window} events"))
    template = words.ko
    for particle, pair in _PARTICLES.items():
        template = template.replace(f"{{e}}{particle} ", with_particle(e["ko"], pair) + " ")
        template = template.replace(f"{{o}}{particle} ", with_particle(o["ko"], pair) + " ")
    ko = template.format(e=e["ko"], o=o["ko"], w=_SPANS_KO.get(window, f"최근 {window}건"))
    return words, {"en": en, "ko": ko}
