import "./keys.js";
import "./forms.js";
import "./feed.js";
