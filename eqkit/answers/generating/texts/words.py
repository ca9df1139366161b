"""Words that values are made of."""

FIRST_NAMES = (
    "Ada", "Amir", "Beatriz", "Chen", "Dario", "Elif", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Kofi",
    "Lena", "Mateo", "Nadia", "Oscar", "Priya", "Rosa", "Samuel", "Yuki",
)  # fmt: skip
LAST_NAMES = (
    "Andersson", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova", "Jensen",
    "Kowalski", "Lindgren", "Moreau", "Novak", "Okafor", "Patel", "Rossi", "Schmidt", "Tanaka", "Weber",
)  # fmt: skip
CITIES = (
    "Amsterdam", "Barcelona", "Copenhagen", "Dublin", "Edinburgh", "Florence", "Geneva", "Hamburg",
    "Kyoto", "Lisbon", "Montreal", "Nairobi", "Oslo", "Prague", "Toronto", "Vienna",
)  # fmt: skip
COUNTRIES = (
    ("AT", "Austria"), ("BR", "Brazil"), ("CA", "Canada"), ("CH", "Switzerland"), ("DE", "Germany"),
    ("DK", "Denmark"), ("ES", "Spain"), ("FR", "France"), ("GB", "United Kingdom"), ("IT", "Italy"),
    ("JP", "Japan"), ("KE", "Kenya"), ("NL", "Netherlands"), ("NO", "Norway"), ("PT", "Portugal"),
    ("US", "United States"),
)  # fmt: skip
REGIONS = ("Bavaria", "Catalonia", "Ontario", "Oregon", "Provence", "Queensland", "Tuscany", "Utrecht")
STREETS = ("Bridge Street", "Church Lane", "Elm Street", "Garden Road", "High Street", "Mill Lane",
           "Oak Avenue", "Park Road", "River Road", "Station Road")  # fmt: skip
CURRENCIES = ("CHF", "DKK", "EUR", "GBP", "JPY", "NOK", "SEK", "USD")
LANGUAGES = ("da", "de", "en", "es", "fr", "it", "ja", "nl", "pt", "sv")
LOCALES = ("da-DK", "de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT", "ja-JP", "nl-NL", "pt-BR")
TIME_ZONES = ("America/New_York", "America/Sao_Paulo", "Asia/Tokyo", "Europe/Berlin", "Europe/Lisbon",
              "Europe/London", "UTC")  # fmt: skip
COMPANIES = ("Blue Harbor", "Brightwater Ltd", "Cedar & Sons", "Copperfield GmbH", "Fernhill", "Greenway AG",
             "Lakeside Labs", "Northwind Traders", "Redwood Works", "Summit Supply")  # fmt: skip
JOBS = ("Accountant", "Analyst", "Designer", "Developer", "Engineer", "Manager", "Nurse", "Teacher")
COLORS = ("amber", "black", "blue", "green", "orange", "purple", "red", "teal", "white", "yellow")
ADJECTIVES = ("Bright", "Calm", "Clear", "Gentle", "Golden", "Modern", "Quiet", "Silver", "Small", "Swift")
NOUNS = ("Bottle", "Chair", "Garden", "Harbor", "Lamp", "Mountain", "Notebook", "River", "Table", "Window")
KEYS = ("blue", "country", "element", "first", "group", "label", "note", "origin", "region", "second", "size",
        "source", "stage", "team", "theme")  # fmt: skip
LOREM = (
    "the", "river", "runs", "past", "a", "quiet", "garden", "where", "small", "lamps", "light", "each",
    "evening", "and", "old", "stones", "keep", "their", "warmth", "until", "morning", "comes", "again",
)  # fmt: skip
GENDERS = ("female", "male", "nonbinary")
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
STATUSES = ("active", "draft", "pending", "archived")
USER_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "curl/8.9.1")
MEDIA_TYPES = ("application/json", "application/pdf", "image/jpeg", "image/png", "text/plain")
FILES = ("invoice.pdf", "notes.txt", "photo.jpg", "report.csv", "summary.pdf")
