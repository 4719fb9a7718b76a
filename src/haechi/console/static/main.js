import "./keys.js";
import "./forms.js";
