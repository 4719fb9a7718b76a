import "./keys.js";
import "./forms.js";
import "./feed.js";
import "./graph.js";
