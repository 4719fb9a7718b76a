"""Where people live: the seventeen provinces of Korea by population, districts in them, coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haechi.town.dice import Floats, Ints, normal, uniform

# Share of residents (Ministry of the Interior and Safety, resident registration, end of 2023, rounded) and the
# coordinates of the main city.
PROVINCES = (
    ("Seoul", 0.183, 37.5665, 126.9780), ("Busan", 0.064, 35.1796, 129.0756), ("Daegu", 0.046, 35.8714, 128.6014),
    ("Incheon", 0.058, 37.4563, 126.7052), ("Gwangju", 0.028, 35.1595, 126.8526), ("Daejeon", 0.028, 36.3504, 127.38),
    ("Ulsan", 0.022, 35.5384, 129.3114), ("Sejong", 0.008, 36.4800, 127.2890), ("Gyeonggi", 0.266, 37.26, 127.03),
    ("Gangwon", 0.030, 37.88, 127.73), ("Chungbuk", 0.031, 36.6424, 127.49), ("Chungnam", 0.041, 36.8151, 127.11),
    ("Jeonbuk", 0.034, 35.82, 127.15), ("Jeonnam", 0.035, 34.81, 126.39), ("Gyeongbuk", 0.050, 36.0190, 129.3435),
    ("Gyeongnam", 0.063, 35.2280, 128.6811), ("Jeju", 0.013, 33.4996, 126.5312),
)  # fmt: skip
PROVINCE_NAMES = tuple(p[0] for p in PROVINCES)
PROVINCE_NAMES_KO = ("서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원", "충북", "충남",
                     "전북", "전남", "경북", "경남", "제주")  # fmt: skip
DISTRICT_CUSTOMERS = 250  # customers of one district share its shops
ABROAD = (("US", 40.7128, -74.0060), ("JP", 35.6762, 139.6503), ("VN", 10.8231, 106.6297), ("TH", 13.7563, 100.5018),
          ("CN", 31.2304, 121.4737), ("GB", 51.5074, -0.1278), ("AU", -33.8688, 151.2093))  # fmt: skip
COUNTRIES = ("KR", *(a[0] for a in ABROAD))
COUNTRIES_KO = ("한국", "미국", "일본", "베트남", "태국", "중국", "영국", "호주")


@dataclass(frozen=True)
class Places:
    """The districts of a town."""

    province: Ints
    lat: Floats
    lon: Floats

    def __len__(self) -> int:
        return len(self.province)


def draw_places(customers: int) -> Places:
    """As many districts as the town needs, spread over the provinces by population; no dice needed."""
    n = max(4, -(-customers // DISTRICT_CUSTOMERS))
    edges = np.cumsum([p[1] for p in PROVINCES])
    number = np.arange(n)
    province = np.searchsorted(edges / edges[-1], (number * 0.6180339887498949 + 0.05) % 1.0)
    centre = np.array([(p[2], p[3]) for p in PROVINCES])[province]
    spread = np.where(np.isin(province, (8, 9, 11, 13, 14, 15)), 0.22, 0.06)
    return Places(
        province, centre[:, 0] + spread * normal(number, 101), centre[:, 1] + 1.2 * spread * normal(number, 102)
    )


def near(lat: Floats, lon: Floats, numbers: Ints, salt: int, degrees: float = 0.012) -> tuple[Floats, Floats]:
    """Points near others, a fixed one for each number."""
    angle, far = 2 * np.pi * uniform(numbers, salt), degrees * np.sqrt(uniform(numbers, salt + 1))
    return lat + far * np.sin(angle), lon + 1.25 * far * np.cos(angle)
