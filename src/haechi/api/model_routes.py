"""The routes of models: their steps, what they are watched by, whom to ask, and how well people judge."""

from __future__ import annotations

from haechi.api import model_shapes as shapes
from haechi.api.case_routes import CURSOR, LIMIT, at, get, post, text
from haechi.api.route import Route

WRITE, AGREE = "models:write", "models:approve"
MODEL = at("model", "The model's version.")
DAYS = text("days", "How many days back; 14 by default.")

ROUTES: tuple[Route, ...] = (
    get("/v1/models", "models", "Every model and where it stands", shapes.ModelLines),
    get("/v1/models/changes", "model_changes", "Steps that were asked for, the newest first", shapes.ModelChanges,
        text("state", "waiting, done, rejected or withdrawn."), LIMIT, CURSOR),
    get("/v1/models/history", "model_history", "What took effect, rollbacks by alarm included, the newest first",
        shapes.ModelHistory, LIMIT, CURSOR),
    get("/v1/models/compare", "compare_models", "Champion, challengers and rules on the same decisions",
        shapes.Comparison, text("since", "From this moment of event time on; a day before `until` by default."),
        text("until", "Up to this moment; the newest decision by default."),
        text("budget", "Alerts a day that each model may raise.")),
    get("/v1/models/trainings", "trainings", "Trainings, the newest first", shapes.TrainingList),
    get("/v1/models/{model}", "model", "One model: gates, history and report", shapes.ModelInFull, MODEL),
    post("/v1/models/train", "train_model", "Train a challenger in a process of its own", shapes.TrainWish,
         shapes.OneTraining, scope=WRITE),
    post("/v1/models/rollback", "roll_back_model", "Let the champion before decide again, at once", shapes.ModelWhy,
         shapes.ModelEvent, scope=WRITE),
    post("/v1/models/changes/{change}", "answer_model", "Approve, reject or withdraw a step", shapes.AnswerStep,
         shapes.ModelChange, at("change", "The change's number."), scope=AGREE),
    post("/v1/models/{model}/gate", "gate_model", "Hold a model against its gates, in a process of its own",
         shapes.ModelWhy, shapes.OneTraining, MODEL, scope=WRITE),
    post("/v1/models/{model}/step", "step_model", "Ask for a model's next step", shapes.Step, shapes.ModelChange, MODEL,
         scope=WRITE),
    post("/v1/models/{model}/end", "end_model", "Take a challenger, a shadow or a canary out", shapes.ModelWhy,
         shapes.ModelEvent, MODEL, scope=WRITE),
    get("/v1/watch", "watch", "Drift, alarms and estimated performance", shapes.WatchReport, DAYS,
        text("feature", "Only features whose name begins so.")),
    get("/v1/questions", "questions", "Which customers to ask: was this you?", shapes.Questions,
        text("state", "waiting (the default), mine, not_mine or unanswered."), LIMIT),
    post("/v1/questions/{question}", "answer_question", "What a customer says about an event; it becomes a label",
         shapes.QuestionAnswer, shapes.QuestionLine, at("question", "Its number."), scope="labels"),
    get("/v1/second-looks/next", "second_look", "An alert that waits for your opinion", shapes.LookWish,
        scope="cases:write"),
    post("/v1/second-looks/{alert}", "say_second_look", "What you think it was", shapes.Look, shapes.AgreementFigures,
         at("alert", "The alert's id."), scope="cases:write"),
    get("/v1/analysts/me", "my_quality", "How your verdicts compare with what became known; for you alone",
        shapes.MyQuality, scope="cases:write"),
    get("/v1/analysts/agreement", "agreement", "How often two people agree, without names", shapes.AgreementFigures),
)  # fmt: skip
